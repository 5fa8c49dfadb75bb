@NullMarked
package dev.vmctl.json;

import org.jspecify.annotations.NullMarked;
