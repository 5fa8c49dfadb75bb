package dev.vmctl.controller;

import dev.vmctl.api.AdoptRequest;
import dev.vmctl.api.AdoptView;
import dev.vmctl.api.VmStatus;
import dev.vmctl.hypervisor.FoundDisk;
import dev.vmctl.hypervisor.FoundMachine;
import dev.vmctl.hypervisor.Hypervisor;
import dev.vmctl.hypervisor.Observation;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import dev.vmctl.model.VmState;
import dev.vmctl.store.Applied;
import dev.vmctl.store.Hold;
import dev.vmctl.store.OriginalVms;
import dev.vmctl.store.VmRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * Makes VMs of vmctl of those that others have made: what runs runs on, every disk stays where it
 * is. The record is written last: until then nothing has changed but names of files in the VM's own
 * directory, which the next attempt finds.
 */
final class Adoptions {
  private static final UUID NOBODY = new UUID(0, 0);

  private final Engine engine;
  private final EngineVmctl.Admission admission;

  Adoptions(Engine engine, EngineVmctl.Admission admission) {
    this.engine = engine;
    this.admission = admission;
  }

  /** Each by itself: one that cannot be adopted keeps no other. */
  List<AdoptView> adopt(AdoptRequest request) {
    Path vmsJson = request.vmsJson();
    if (request.names().isEmpty() && vmsJson != null) {
      return OriginalVms.of(vmsJson).names().stream().map(name -> tried(name, request)).toList();
    }
    return request.names().stream().map(name -> tried(name, request)).toList();
  }

  private AdoptView tried(String name, AdoptRequest request) {
    try {
      return one(name, request);
    } catch (VmException e) {
      VmStatus.Failure failure =
          new VmStatus.Failure(e.code().text(), String.valueOf(e.getMessage()), e.help());
      return new AdoptView(name, false, "", null, "", List.of(), null, List.of(), failure);
    }
  }

  private AdoptView one(String given, AdoptRequest request) {
    VmName name = Objects.requireNonNullElseGet(request.as(), () -> new VmName(given));
    engine.store().read(name).ifPresent(Adoptions::taken);
    Path qmp = request.qmp();
    Path vmsJson = request.vmsJson();
    if (qmp == null && vmsJson == null) {
      return takenBack(name, request.dryRun());
    }
    Candidate found =
        qmp != null
            ? new Candidate(name, "the QMP socket " + qmp, look(qmp, request.disk()), null)
            : Originals.candidate(name, given, Objects.requireNonNull(vmsJson), engine, this::look);
    VmSpec spec = AdoptedSpec.of(found, engine.parts().hypervisors());
    engine.parts().hypervisors().checkSupported(spec);
    refuseKnown(found);
    AdoptView view = found.view(spec);
    if (request.dryRun()) {
      return view;
    }
    admission.admit(name);
    name(found);
    engine.store().takeOver(record(found, spec));
    engine
        .events()
        .normal(
            name,
            "Adopted",
            "from "
                + found.from()
                + ", "
                + view.state()
                + "; its disk stays at "
                + found.disk().file());
    engine.wake(name);
    return view.asAdopted();
  }

  private static void taken(VmRecord record) {
    throw new VmException(
        ErrorCode.VM_NAME_TAKEN,
        "there is a VM '" + record.name() + "' already",
        "choose another name, or remove that VM first: vmctl destroy " + record.name());
  }

  private FoundMachine look(Path control, @Nullable Path disk) {
    Hypervisor hypervisor = AdoptedSpec.hypervisor(engine.parts().hypervisors());
    return hypervisor.find(control, disk);
  }

  /** A machine, a disk or a uuid that a VM has already, here or in another data directory. */
  private void refuseKnown(Candidate found) {
    FoundMachine machine = found.machine();
    Set<Path> files = Set.copyOf(found.disks());
    for (VmName name : engine.store().names()) {
      VmRecord record = engine.store().read(name).orElse(null);
      if (record != null && (isSame(record, machine) || hasOneOf(record, files))) {
        throw managed(found.from(), "it is the VM '" + name + "' of vmctl already", "");
      }
    }
    for (Path file : files) {
      Path record = file.resolveSibling("vm.json");
      if (Files.exists(record) || Files.exists(file.resolveSibling("../../vm.json").normalize())) {
        throw managed(
            found.from(),
            "its disk " + file + " is that of a VM of vmctl in another data directory",
            "release it there first: vmctl --data-dir … release NAME");
      }
    }
  }

  private static VmException managed(String from, String why, String help) {
    return new VmException(
        ErrorCode.VM_INVALID_STATE,
        "the machine of " + from + " cannot be adopted: " + why,
        help.isEmpty() ? "'vmctl list' shows it" : help);
  }

  private static boolean isSame(VmRecord record, @Nullable FoundMachine machine) {
    Applied applied = record.applied();
    LaunchFacts facts = applied == null || !applied.running() ? null : applied.facts();
    if (machine == null) {
      return false;
    }
    LaunchFacts found = machine.facts();
    return (facts != null && facts.incarnation().equals(found.incarnation()))
        || record
            .uuid()
            .toString()
            .equalsIgnoreCase(Objects.requireNonNull(found.adopted()).uuid());
  }

  private boolean hasOneOf(VmRecord record, Set<Path> files) {
    Path directory = engine.parts().data().vm(record.name());
    return engine.parts().disks().linked(directory).values().stream().anyMatch(files::contains)
        || files.stream().anyMatch(file -> file.startsWith(directory));
  }

  /** Its directory names what stays elsewhere. */
  private void name(Candidate found) {
    Path directory = engine.parts().data().vm(found.name());
    engine.parts().disks().link(directory, found.disk().file(), found.disk().isRaw());
    int number = 0;
    for (FoundDisk each : found.dataDisks()) {
      engine.parts().disks().linkData(directory, AdoptedSpec.dataDisk(++number), each.file());
    }
    found.others().forEach((name, file) -> engine.parts().disks().linkFile(directory, name, file));
  }

  private VmRecord record(Candidate found, VmSpec spec) {
    Instant now = engine.parts().timeline().now();
    FoundMachine machine = found.machine();
    return engine
        .intents()
        .adopted(
            spec,
            uuid(machine),
            found.mac(),
            found.from(),
            found.disk().sizeBytes(),
            found.facts(engine.parts().bootId()),
            machine != null,
            holds(machine == null ? VmState.STOPPED : found.state(), now),
            now);
  }

  /** The one it has, which no other VM here has; else one of its own from its next start on. */
  private UUID uuid(@Nullable FoundMachine machine) {
    String said = machine == null ? "" : Objects.requireNonNull(machine.facts().adopted()).uuid();
    UUID own = said.isEmpty() ? NOBODY : UUID.fromString(said);
    return own.equals(NOBODY) ? engine.intents().newUuid() : own;
  }

  private List<Hold> holds(VmState state, Instant now) {
    Hold.Kind kind =
        state == VmState.STOPPED
            ? Hold.Kind.STOPPED
            : state == VmState.SUSPENDED ? Hold.Kind.SUSPENDED : null;
    return kind == null
        ? List.of()
        : List.of(new Hold(kind, "cli", now, "adopted so", engine.settings().stopGrace()));
  }

  /** One that was released, with its identity and its history. */
  private AdoptView takenBack(VmName name, boolean dryRun) {
    VmRecord record =
        engine
            .store()
            .released(name)
            .orElseThrow(
                () ->
                    new VmException(
                        ErrorCode.VM_NOT_FOUND,
                        "no VM '" + name + "' was released here",
                        "say where it is: --qmp PATH, or --original"));
    Hypervisor hypervisor = engine.parts().hypervisors().of(Observing.specThatRuns(record));
    Observation seen = hypervisor.observe(engine.observing().handle(record));
    Instant now = engine.parts().timeline().now();
    VmState state =
        switch (seen) {
          case Observation.Running running -> VmState.RUNNING;
          case Observation.Suspended suspended -> VmState.SUSPENDED;
          case Observation.Exited exited -> VmState.STOPPED;
          case Observation.Absent absent -> VmState.STOPPED;
          case Observation.Unknown(String why) ->
              throw new VmException(
                  ErrorCode.VM_INVALID_STATE,
                  name + " cannot be taken back now: " + why,
                  "end what is connected to its socket, and try again");
        };
    VmRecord back = record.withRemoval(null).withPending(null).withHolds(holds(state, now));
    VmRecord taken = state == VmState.STOPPED ? back.mapApplied(Applied::ended) : back;
    AdoptView view =
        new AdoptView(
            name.value(),
            state.text(),
            pid(seen),
            "what was released",
            Releases.files(engine.parts(), name),
            null,
            List.of());
    if (dryRun) {
      return view;
    }
    admission.admit(name);
    engine.store().takeOver(taken);
    engine.events().normal(name, "Adopted", "taken back, " + state.text());
    engine.wake(name);
    return view.asAdopted();
  }

  private static @Nullable Long pid(Observation seen) {
    return switch (seen) {
      case Observation.Running(long pid) -> pid;
      case Observation.Suspended(long pid) -> pid;
      case Observation.Absent absent -> null;
      case Observation.Exited exited -> null;
      case Observation.Unknown unknown -> null;
    };
  }
}
