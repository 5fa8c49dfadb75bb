/**
 * A VM's own disks: overlays on cached images, growth, and the trash that nothing leaves by
 * accident.
 */
@NullMarked
package dev.vmctl.disk;

import org.jspecify.annotations.NullMarked;
