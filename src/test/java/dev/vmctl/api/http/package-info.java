@NullMarked
package dev.vmctl.api.http;

import org.jspecify.annotations.NullMarked;
