package dev.vmctl.hypervisor.qemu;

import dev.vmctl.model.Accel;
import dev.vmctl.model.MacAddress;
import java.nio.file.Path;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A virtual machine with nothing left open: all that its command line is made of.
 *
 * @param type versioned machine type
 * @param accel KVM or TCG
 * @param cpu CPU model, with features after commas if the user wrote such
 * @param memoryMb MiB
 * @param disk root disk, qcow2; null for none
 * @param seed NoCloud seed, raw; null for none
 * @param firmware null for the machine's own BIOS
 * @param boot null for booting from disk
 */
record QemuMachine(
    String type,
    Accel accel,
    String cpu,
    int vcpus,
    long memoryMb,
    MacAddress mac,
    QemuNetwork network,
    @Nullable Path disk,
    @Nullable Path seed,
    @Nullable UefiFirmware firmware,
    @Nullable DirectBoot boot) {
  /** These two go into options whose commas mean something. */
  private static final Pattern TYPE = Pattern.compile("[A-Za-z0-9._-]+");

  private static final Pattern CPU = Pattern.compile("[A-Za-z0-9._-]+(,[A-Za-z0-9._+=-]+)*");

  QemuMachine {
    if (!TYPE.matcher(type).matches()) {
      throw new IllegalArgumentException("not a machine type: " + type);
    }
    if (!isCpu(cpu)) {
      throw new IllegalArgumentException("not a CPU model: " + cpu);
    }
    if (accel == Accel.AUTO) {
      throw new IllegalArgumentException("the accelerator is not resolved");
    }
  }

  static boolean isCpu(String text) {
    return CPU.matcher(text).matches();
  }

  /**
   * A kernel that is booted without firmware.
   *
   * @param initrd null for none
   * @param commandLine may be empty
   */
  record DirectBoot(Path kernel, @Nullable Path initrd, String commandLine) {}
}
