package dev.vmctl.controller;

import dev.vmctl.disk.Disks.Qcow2Facts;
import dev.vmctl.hypervisor.FoundDisk;
import dev.vmctl.hypervisor.FoundMachine;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.MacAddress;
import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import dev.vmctl.store.OriginalVm;
import dev.vmctl.store.OriginalVms;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/** The VMs of the original vmctl, as candidates for adoption. */
final class Originals {
  /** What it has in a VM's directory under the names that vmctl has, too. */
  private static final List<String> FILES =
      List.of("seed.iso", "efivars.fd", "id_ed25519_generated", "id_ed25519_generated.pub");

  private Originals() {}

  /**
   * What it has written down of one of its VMs.
   *
   * @param files others than disks, by their names in the VM's directory
   */
  record Said(
      FoundDisk disk,
      int vcpus,
      long memoryMb,
      NetworkSpec network,
      @Nullable Integer sshPort,
      @Nullable MacAddress mac,
      boolean uefi,
      Map<String, Path> files) {}

  /** How a machine is looked at. */
  @FunctionalInterface
  interface Look {
    FoundMachine at(Path control, @Nullable Path disk);
  }

  /**
   * @param as its name here
   * @param given its name there
   * @throws VmException vm.not_found; vm.invalid_state when nobody can tell whether it runs
   */
  static Candidate candidate(VmName as, String given, Path vmsJson, Engine engine, Look look) {
    OriginalVm vm = OriginalVms.of(vmsJson).vm(given);
    if (!vm.backend().equals("qemu")) {
      throw new VmException(
          ErrorCode.CAPABILITY_MISSING,
          given + " is a VM of the backend '" + vm.backend() + "', which cannot be adopted",
          "declare it anew in a VMFile, and bring its data over");
    }
    Path disk = vm.disk();
    if (disk == null || !Files.exists(disk)) {
      throw new VmException(
          ErrorCode.DISK_MISSING,
          given + " cannot be adopted: its disk " + disk + " is gone",
          "without it there is nothing to adopt; the original vmctl destroys what is left of it");
    }
    Path control = vm.control();
    boolean listened = control != null && Files.exists(control) && isListenedAt(engine, control);
    FoundMachine machine = listened ? look.at(Objects.requireNonNull(control), disk) : null;
    // Of one that does not run; it is refused when a QEMU has the disk open all the same.
    FoundDisk found = machine == null ? examined(engine, real(disk)) : machine.disk();
    Said said =
        new Said(
            found,
            Objects.requireNonNull(vm.vcpus()),
            Objects.requireNonNull(vm.memoryMb()),
            network(given, Objects.requireNonNull(vm.network())),
            vm.sshPort(),
            MacAddress.parse(Objects.requireNonNullElse(vm.mac(), "")).orElse(null),
            vm.uefi(),
            files(vm));
    return new Candidate(as, vmsJson.toString(), machine, said);
  }

  private static boolean isListenedAt(Engine engine, Path control) {
    return AdoptedSpec.hypervisor(engine.parts().hypervisors()).isListening(control);
  }

  private static FoundDisk examined(Engine engine, Path disk) {
    Qcow2Facts facts = engine.parts().disks().examine(disk);
    return new FoundDisk(disk, "qcow2", facts.sizeBytes(), facts.base());
  }

  private static Path real(Path disk) {
    try {
      return disk.toRealPath();
    } catch (IOException e) {
      throw new VmException(
          ErrorCode.IO, "cannot read the disk " + disk + ": " + e.getMessage(), "check it", e);
    }
  }

  private static NetworkSpec network(String name, OriginalVm.Network network) {
    return switch (network.type().toLowerCase(Locale.ROOT)) {
      case "user" -> new NetworkSpec.User();
      case "tap" ->
          new NetworkSpec.Tap(
              Objects.requireNonNullElse(network.bridge(), NetworkSpec.Tap.DEFAULT_BRIDGE));
      case "none" -> new NetworkSpec.None();
      default ->
          throw new VmException(
              ErrorCode.CAPABILITY_MISSING,
              name + " has the network '" + network.type() + "', which QEMU has not",
              "declare it anew in a VMFile, and bring its data over");
    };
  }

  private static Map<String, Path> files(OriginalVm vm) {
    Map<String, Path> files = new TreeMap<>();
    Path directory = vm.directory();
    if (directory != null) {
      FILES.stream()
          .filter(name -> Files.exists(directory.resolve(name)))
          .forEach(name -> files.put(name, directory.resolve(name)));
    }
    Path seed = vm.seed();
    if (seed != null && Files.exists(seed)) {
      files.put("seed.iso", seed);
    }
    return files;
  }
}
