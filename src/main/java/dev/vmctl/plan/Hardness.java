package dev.vmctl.plan;

import dev.vmctl.model.Capabilities.Capability;
import dev.vmctl.model.Change;
import dev.vmctl.model.DiskSpec;
import dev.vmctl.model.Field;
import dev.vmctl.model.LiveRoom;
import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.NicSpec;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmSpec;
import java.util.HashSet;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** How hard the change of a field hits: never gentler than its schema says. */
final class Hardness {
  private final VmSpec applied;
  private final VmSpec desired;
  private final Ability can;

  Hardness(VmSpec applied, VmSpec desired, Ability can) {
    this.applied = applied;
    this.desired = desired;
    this.can = can;
  }

  /** The class of a change of this field, whose values differ. */
  Change of(Field<?> field) {
    if (field.equals(VmFields.VCPUS_MAX) || field.equals(VmFields.MEMORY_MAX)) {
      return isRoomy(field) ? Change.NONE : Change.RESTART;
    }
    if (field.gentlest() != Change.LIVE || isDoneBySteps(field)) {
      return field.gentlest();
    }
    return !can.refused().contains(field.path()) && isLive(field) ? Change.LIVE : Change.RESTART;
  }

  /** What provisioning does, on any backend with guests. */
  static boolean isDoneBySteps(Field<?> field) {
    return field.equals(VmFields.PROVISION) || field.equals(VmFields.ENV);
  }

  /** Whether the guest that runs has room for what is declared as the most: then nothing is due. */
  private boolean isRoomy(Field<?> field) {
    LiveRoom room = can.room();
    if (field.equals(VmFields.VCPUS_MAX)) {
      Integer most = desired.vcpusMax();
      return most == null || (room != null && most <= room.maxVcpus());
    }
    Long most = desired.memoryMaxMb();
    return most == null || (room != null && most <= room.maxMemoryMb());
  }

  private boolean isLive(Field<?> field) {
    if (field.equals(VmFields.VCPUS)) {
      return can.has(Capability.LIVE_VCPUS) && vcpus();
    }
    if (field.equals(VmFields.MEMORY)) {
      return can.has(Capability.LIVE_MEMORY) && memory();
    }
    if (field.equals(VmFields.DISK)) {
      return can.has(Capability.LIVE_DISK) && desired.diskBytes() != null;
    }
    if (field.equals(VmFields.DISKS)) {
      return can.has(Capability.LIVE_DEVICES) && disks();
    }
    if (field.equals(VmFields.NICS)) {
      return can.has(Capability.LIVE_DEVICES) && nics();
    }
    if (field.equals(VmFields.FORWARD)) {
      return can.has(Capability.LIVE_FORWARDS) && can.room() != null && hasForwards();
    }
    return (field.equals(VmFields.CLOUD_INIT_HOSTNAME) || field.equals(VmFields.CLOUD_INIT_SSH_KEY))
        && can.reached()
        && !hasOwnUserData(applied)
        && !hasOwnUserData(desired);
  }

  /** A processor is never taken from a guest that runs: QEMU does not survive it. */
  private boolean vcpus() {
    LiveRoom room = can.room();
    int from = Objects.requireNonNull(VmFields.VCPUS.effective(applied));
    int to = Objects.requireNonNull(VmFields.VCPUS.effective(desired));
    return room != null && to > from && to <= room.maxVcpus();
  }

  private boolean memory() {
    LiveRoom room = can.room();
    long to = Objects.requireNonNull(VmFields.MEMORY.effective(desired));
    return room != null && to <= room.maxMemoryMb();
  }

  /** Further disks and larger ones; who leaves must be let go by the guest, over SSH. */
  private boolean disks() {
    LiveRoom room = can.room();
    if (room == null || !room.plugs()) {
      return false;
    }
    for (DiskSpec had : applied.disks()) {
      Optional<DiskSpec> wanted =
          desired.disks().stream().filter(disk -> disk.name().equals(had.name())).findFirst();
      if (wanted.isEmpty() ? !can.reached() : !had.hasSameOrigin(wanted.get())) {
        return false;
      }
    }
    return true;
  }

  /**
   * Cards of QEMU's own network that come and go as they are; the ports lead to the first of it.
   */
  private boolean nics() {
    LiveRoom room = can.room();
    if (room == null || !room.plugs() || !Objects.equals(forwarder(applied), forwarder(desired))) {
      return false;
    }
    Set<NicSpec> others = new HashSet<>(applied.nics());
    others.addAll(desired.nics());
    others.removeIf(nic -> applied.nics().contains(nic) && desired.nics().contains(nic));
    Set<String> names = new HashSet<>();
    return others.stream()
        .allMatch(nic -> nic.network() instanceof NetworkSpec.User && names.add(nic.name()));
  }

  private boolean hasForwards() {
    return forwarder(applied) != null && Objects.equals(forwarder(applied), forwarder(desired));
  }

  /** The card that forwarded ports lead to: its name, empty for the first; null for none. */
  private static @Nullable String forwarder(VmSpec spec) {
    NetworkSpec first = VmFields.NETWORK.effective(spec);
    if (first instanceof NetworkSpec.User) {
      return "";
    }
    List<NicSpec> nics = spec.nics();
    return nics.stream()
        .filter(nic -> nic.network() instanceof NetworkSpec.User)
        .map(NicSpec::name)
        .findFirst()
        .orElse(null);
  }

  private static boolean hasOwnUserData(VmSpec spec) {
    return spec.cloudInit() != null && spec.cloudInit().userData() != null;
  }
}
