@NullMarked
package dev.vmctl.api;

import org.jspecify.annotations.NullMarked;
