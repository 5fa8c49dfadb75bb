/**
 * What connects guests: tap devices on bridges of the host, private networks between the guests of
 * one data directory, and where a guest is found.
 */
@NullMarked
package dev.vmctl.network;

import org.jspecify.annotations.NullMarked;
