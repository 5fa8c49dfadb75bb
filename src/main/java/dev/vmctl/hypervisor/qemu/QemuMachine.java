package dev.vmctl.hypervisor.qemu;

import dev.vmctl.hypervisor.DataDisk;
import dev.vmctl.model.Accel;
import dev.vmctl.model.LiveRoom;
import dev.vmctl.model.ShareFacts;
import dev.vmctl.model.ShareSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A virtual machine with nothing left open: all that its command line is made of.
 *
 * @param type versioned machine type
 * @param accel KVM or TCG
 * @param cpu CPU model, with features after commas if the user wrote such
 * @param maxVcpus up to how many it can be given while it runs
 * @param memoryMb MiB
 * @param maxMemoryMb MiB that it boots with; what is above {@code memoryMb} it hands back
 * @param cards none for a guest without network
 * @param disk root disk, qcow2; null for none
 * @param dataDisks beside the root disk
 * @param shares directories of the host
 * @param seed NoCloud seed, raw; null for none
 * @param firmware null for the machine's own BIOS
 * @param tpm whether it has a TPM
 * @param boot null for booting from disk
 */
record QemuMachine(
    String type,
    Accel accel,
    String cpu,
    int vcpus,
    int maxVcpus,
    long memoryMb,
    long maxMemoryMb,
    List<QemuCard> cards,
    @Nullable Path disk,
    List<DataDisk> dataDisks,
    List<ShareFacts> shares,
    @Nullable Path seed,
    @Nullable UefiFirmware firmware,
    boolean tpm,
    @Nullable DirectBoot boot) {
  /** These two go into options whose commas mean something. */
  private static final Pattern TYPE = Pattern.compile("[A-Za-z0-9._-]+");

  private static final Pattern CPU = Pattern.compile("[A-Za-z0-9._-]+(,[A-Za-z0-9._+=-]+)*");

  QemuMachine {
    cards = List.copyOf(cards);
    dataDisks = List.copyOf(dataDisks);
    shares = List.copyOf(shares);
    if (maxVcpus < vcpus || maxMemoryMb < memoryMb) {
      throw new IllegalArgumentException("less room than what it has");
    }
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

  /** Whether disks and cards have ports of their own, into which others can be plugged later. */
  boolean hasPorts() {
    return type.startsWith("pc-q35") || type.equals("q35");
  }

  LiveRoom room() {
    return new LiveRoom(maxVcpus, maxMemoryMb, hasPorts());
  }

  /** Whether another process sees the guest's memory. */
  boolean hasSharedMemory() {
    return shares.stream().anyMatch(share -> share.via() == ShareSpec.Via.VIRTIOFS);
  }

  /** The port of 127.0.0.1 that leads to the guest's SSH; null when there is none. */
  @Nullable Integer sshPort() {
    for (QemuCard card : cards) {
      if (card.network() instanceof QemuNetwork.User user && user.sshPort() != null) {
        return user.sshPort();
      }
    }
    return null;
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
