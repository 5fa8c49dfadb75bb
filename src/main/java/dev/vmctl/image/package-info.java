/**
 * Base images: found or fetched, verified, and kept read-only in a cache by the digest of their
 * content.
 */
@NullMarked
package dev.vmctl.image;

import org.jspecify.annotations.NullMarked;
