package dev.vmctl.controller;

import dev.vmctl.api.AdoptView;
import dev.vmctl.hypervisor.FoundDisk;
import dev.vmctl.hypervisor.FoundMachine;
import dev.vmctl.model.AdoptedProcess;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.MacAddress;
import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import dev.vmctl.model.VmState;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A VM that could be adopted.
 *
 * @param from where it was found
 * @param machine what runs; null when nothing does
 * @param original what the original vmctl says of it; null when it is none of its
 */
record Candidate(
    VmName name, String from, @Nullable FoundMachine machine, Originals.@Nullable Said original) {
  Candidate {
    if (machine == null && original == null) {
      throw new IllegalArgumentException("nothing was found of " + name);
    }
  }

  VmState state() {
    FoundMachine runs = machine;
    if (runs == null) {
      return VmState.STOPPED;
    }
    return runs.frozen() ? VmState.SUSPENDED : VmState.RUNNING;
  }

  FoundDisk disk() {
    return machine == null ? said().disk() : machine.disk();
  }

  List<FoundDisk> dataDisks() {
    return machine == null ? List.of() : machine.dataDisks();
  }

  List<Path> disks() {
    return Stream.concat(Stream.of(disk()), dataDisks().stream()).map(FoundDisk::file).toList();
  }

  @Nullable MacAddress mac() {
    return machine == null ? said().mac() : machine.mac();
  }

  NetworkSpec network() {
    return machine == null ? said().network() : machine.network();
  }

  boolean uefi() {
    return machine == null ? said().uefi() : machine.variables() != null;
  }

  private Originals.Said said() {
    return Objects.requireNonNull(original);
  }

  /** Other files that belong to it, by their names in the VM's directory. */
  Map<String, Path> others() {
    Map<String, Path> files = new LinkedHashMap<>(original == null ? Map.of() : said().files());
    FoundMachine runs = machine;
    if (runs != null && runs.seed() != null) {
      files.put("seed.iso", runs.seed());
    }
    if (runs != null && runs.variables() != null) {
      files.put("efivars.fd", runs.variables());
    }
    return files;
  }

  /**
   * What its next start goes by.
   *
   * @param boot the host's
   */
  LaunchFacts facts(String boot) {
    FoundMachine runs = machine;
    if (runs != null) {
      return runs.facts();
    }
    Originals.Said said = said();
    return new LaunchFacts(
        "", "", null, "", said.vcpus(), said.memoryMb(), said.sshPort(), null, 0, 0, boot);
  }

  AdoptView view(VmSpec spec) {
    FoundMachine runs = machine;
    return new AdoptView(
        name.value(),
        state().text(),
        runs == null ? null : runs.facts().pid(),
        from,
        disks().stream().map(Path::toString).toList(),
        spec,
        runs == null ? List.of() : notes(runs));
  }

  private static List<String> notes(FoundMachine runs) {
    List<String> notes = new ArrayList<>();
    AdoptedProcess process = Objects.requireNonNull(runs.facts().adopted());
    notes.add("until its next start " + limits(process));
    if (!runs.facts().machine().contains("q35")) {
      notes.add("it keeps its machine type " + runs.facts().machine());
    }
    notes.add("at its next start it gets vmctl's own devices on the same disk");
    runs.notes().forEach(note -> notes.add("its next start is without " + note));
    return notes;
  }

  /** What cannot be done with a process that others have started. */
  static String limits(AdoptedProcess process) {
    List<String> without = new ArrayList<>();
    if (process.serial() == null) {
      without.add("no console");
    }
    if (process.agent() == null) {
      without.add("no guest agent");
    }
    String has = without.isEmpty() ? "" : "it has " + String.join(" and ", without) + ", and ";
    return has + "nothing of it can be changed while it runs";
  }
}
