package dev.vmctl.controller;

import dev.vmctl.hypervisor.FoundDisk;
import dev.vmctl.hypervisor.FoundMachine;
import dev.vmctl.hypervisor.Hypervisor;
import dev.vmctl.hypervisor.HypervisorRouter;
import dev.vmctl.model.BackendTag;
import dev.vmctl.model.DiskSpec;
import dev.vmctl.model.FieldValues;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.SshSpec;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/** What a VMFile would have to declare for a machine to be as it is. */
final class AdoptedSpec {
  private static final VmName ANYBODY = new VmName("adopted");

  private AdoptedSpec() {}

  /** Only QEMU's machines tell enough of themselves. */
  static Hypervisor hypervisor(HypervisorRouter hypervisors) {
    FieldValues values = new FieldValues();
    values.put(VmFields.BACKEND, BackendTag.QEMU);
    return hypervisors.of(VmSpec.of(ANYBODY, values));
  }

  static VmSpec of(Candidate found, HypervisorRouter hypervisors) {
    FieldValues values = new FieldValues();
    if (hypervisors.tag(VmSpec.of(found.name(), values)) != BackendTag.QEMU) {
      values.put(VmFields.BACKEND, BackendTag.QEMU);
    }
    // What a new disk would be made of; until somebody declares it, nobody has said.
    Path base = found.disk().base();
    values.put(VmFields.IMAGE, base == null ? found.disk().file() : base);
    LaunchFacts facts = found.facts("");
    values.put(VmFields.VCPUS, facts.vcpus());
    values.put(VmFields.MEMORY, facts.memoryMb());
    if (!(found.network() instanceof NetworkSpec.User)) {
      values.put(VmFields.NETWORK, found.network());
    }
    if (found.uefi()) {
      values.put(VmFields.UEFI, true);
    }
    if (found.original() != null) {
      values.put(VmFields.SSH_USER, SshSpec.DEFAULT_USER);
    }
    FoundMachine machine = found.machine();
    if (machine != null) {
      declare(values, machine);
    }
    return VmSpec.of(found.name(), values);
  }

  private static void declare(FieldValues values, FoundMachine machine) {
    if (!machine.facts().machine().contains("q35")) {
      values.put(VmFields.MACHINE, machine.facts().machine());
    }
    if (machine.kernel() != null) {
      values.put(VmFields.KERNEL, machine.kernel());
    }
    if (machine.initrd() != null) {
      values.put(VmFields.INITRD, machine.initrd());
    }
    if (machine.cmdline() != null) {
      values.put(VmFields.CMDLINE, machine.cmdline());
    }
    if (!machine.forwards().isEmpty()) {
      values.put(VmFields.FORWARD, machine.forwards());
    }
    List<DiskSpec> disks = new ArrayList<>();
    for (FoundDisk each : machine.dataDisks()) {
      disks.add(new DiskSpec(dataDisk(disks.size() + 1), each.sizeBytes(), null, null));
    }
    if (!disks.isEmpty()) {
      values.put(VmFields.DISKS, Objects.requireNonNull(disks));
    }
  }

  /** The name of a data disk by its number, from 1. */
  static String dataDisk(int number) {
    return "data" + number;
  }
}
