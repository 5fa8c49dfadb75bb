@NullMarked
package dev.vmctl.agent;

import org.jspecify.annotations.NullMarked;
