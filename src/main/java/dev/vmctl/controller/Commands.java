package dev.vmctl.controller;

import dev.vmctl.api.CloneRequest;
import dev.vmctl.api.CloneView;
import dev.vmctl.api.LabelChange;
import dev.vmctl.api.ReleaseView;
import dev.vmctl.api.RollbackView;
import dev.vmctl.api.SnapshotRequest;
import dev.vmctl.model.Capabilities.Capability;
import dev.vmctl.model.Declaration;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.SourceId;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmState;
import dev.vmctl.store.Cordon;
import dev.vmctl.store.Hold;
import dev.vmctl.store.VmRecord;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What is asked of a VM that there is: written into its record, for the loop to carry out. */
final class Commands {
  private final Engine engine;
  private final Inspection inspection;
  private final EngineVmctl.Admission admission;
  private final Snapshots snapshots;

  Commands(
      Engine engine, Inspection inspection, EngineVmctl.Admission admission, Snapshots snapshots) {
    this.engine = engine;
    this.inspection = inspection;
    this.admission = admission;
    this.snapshots = snapshots;
  }

  void start(VmName name) {
    // As with a unit of systemd: who wants it to run wants what it needs to run.
    for (VmName needed : engine.order().dependencies(inspection.record(name))) {
      intend(needed, record -> engine.intents().run(record, now()));
    }
    intend(name, record -> engine.intents().run(record, now()));
  }

  void stop(VmName name, Duration grace) {
    intend(
        name,
        record -> engine.intents().hold(record, Hold.Kind.STOPPED, "vmctl stop", grace, now()));
  }

  void drain(VmName name, Duration grace) {
    String boot = engine.parts().bootId();
    intend(name, record -> engine.intents().drain(record, grace, boot, now()));
  }

  void cordon(String reason) {
    if (new Cordon(engine.parts().data()).set(now(), reason)) {
      engine.events().normal(null, "Cordoned", "nothing new is started here" + because(reason));
    }
  }

  private static String because(String reason) {
    return reason.isEmpty() ? "" : ": " + reason;
  }

  void uncordon() {
    if (new Cordon(engine.parts().data()).lift()) {
      engine.events().normal(null, "Uncordoned", "what is to run is started again");
      engine.resync();
    }
  }

  void suspend(VmName name) {
    VmRecord record = inspection.record(name);
    Preflight.require(engine.parts().hypervisors().of(record.desired().spec()), Capability.SUSPEND);
    if (record.isSuspended()) {
      intend(name, before -> before); // What is asked for is so, or on its way.
      return;
    }
    if (Views.state(record, engine.seen(record)) != VmState.RUNNING) {
      throw new VmException(
          ErrorCode.VM_INVALID_STATE,
          name + " does not run: there is nothing to suspend",
          "start it first: vmctl start " + name);
    }
    intend(
        name,
        before ->
            engine
                .intents()
                .hold(
                    before,
                    Hold.Kind.SUSPENDED,
                    "vmctl suspend",
                    engine.settings().stopGrace(),
                    now()));
  }

  void suspendToDisk(VmName name, boolean untilBoot) {
    intend(name, record -> snapshots.suspendToDisk(record, untilBoot));
  }

  void discardMemory(VmName name) {
    intend(name, snapshots::discard);
  }

  void takeSnapshot(VmName name, SnapshotRequest request) {
    carryOn(name);
    intend(name, record -> snapshots.take(record, request));
  }

  void restoreSnapshot(VmName name, SnapshotRequest request) {
    carryOn(name);
    intend(name, record -> snapshots.restore(record, request));
  }

  void deleteSnapshot(VmName name, String snapshot) {
    carryOn(name);
    intend(name, record -> snapshots.delete(record, snapshot));
  }

  /** What a command before us was asked to do with a snapshot, and did not live to, is done. */
  private void carryOn(VmName name) {
    if (inspection.record(name).hasTask()) {
      admission.admit(name);
      engine.wake(name);
    }
  }

  CloneView cloneVm(VmName name, CloneRequest request) {
    VmRecord of = inspection.record(name);
    Cloning cloning = engine.cloning();
    String snapshot = Cloning.snapshot(request);
    cloning.check(of, request);
    if (request.snapshot() == null) {
      snapshots.take(of, new SnapshotRequest(snapshot, true, false));
    }
    List<String> notes = new ArrayList<>();
    VmRecord clone = cloning.record(of, request, notes, engine.settings().stopGrace());
    // The snapshot first: a clone without it would be one of nothing.
    if (request.snapshot() == null) {
      engine
          .store()
          .change(name, now -> snapshots.take(now, new SnapshotRequest(snapshot, true, false)));
    }
    engine
        .store()
        .update(
            request.to(),
            taken -> {
              if (taken != null) {
                throw Cloning.taken(request.to());
              }
              return clone;
            });
    List<VmName> both = Stream.of(name, request.to()).sorted().toList();
    both.forEach(admission::admit);
    both.forEach(engine::wake);
    return cloning.view(of, request, notes);
  }

  void resume(VmName name) {
    VmRecord record = inspection.record(name);
    if (record.isSuspended()) {
      intend(name, before -> engine.intents().resume(before, now()));
    } else if (Views.state(record, engine.seen(record)) != VmState.RUNNING) {
      throw new VmException(
          ErrorCode.VM_INVALID_STATE,
          name + " is not suspended, and does not run",
          "start it: vmctl start " + name);
    }
  }

  void destroy(VmName name, boolean purge) {
    refuseIfDeclared(
        inspection.record(name),
        "remove it there, and it goes to the trash by itself; or hold it stopped: vmctl stop "
            + name);
    remove(name, purge, "Destroyed");
  }

  /** By a source that is followed: it would have the VM back at once. */
  private void refuseIfDeclared(VmRecord record, String help) {
    SourceId source = record.source();
    switch (source.kind()) {
      case DIRECTORY -> refuse(declaredIn(Path.of(source.location()), record.name()), help);
      case GIT -> refuse(FollowedSources.declaration(engine, source, record.name()), help);
      case FILE, CLI -> {}
    }
  }

  private Optional<Declaration> declaredIn(Path directory, VmName name) {
    return engine.parts().directories().apply(directory).read().declarations().stream()
        .filter(declaration -> declaration.name().equals(name))
        .findFirst();
  }

  private static void refuse(Optional<Declaration> declared, String help) {
    declared.ifPresent(
        declaration -> {
          throw new VmException(
              ErrorCode.VM_STILL_DECLARED,
              declaration.name()
                  + " is still declared at "
                  + declaration.file()
                  + ":"
                  + declaration.line()
                  + ", it would come back at once",
              help);
        });
  }

  ReleaseView release(VmName name) {
    VmRecord record = inspection.record(name);
    refuseIfDeclared(
        record,
        "let it say lifecycle { on-remove \"orphan\" }, remove it there, and release it then");
    ReleaseView view = engine.releases().view(record, engine.seen(record));
    intend(name, before -> engine.intents().release(before, now()));
    return view;
  }

  private void remove(VmName name, boolean purge, String reason) {
    intend(name, record -> engine.intents().remove(record, purge, reason, now()));
  }

  void approve(VmName name) {
    intend(name, record -> engine.intents().approve(record, now()));
  }

  RollbackView rollback(VmName name, @Nullable Long generation) {
    VmRecord record = inspection.record(name);
    SnapshotRules.refuseMemoryLoss(record, "another disk");
    RollbackView view = engine.rollback().to(record, generation, engine.seen(record));
    admission.admit(name);
    engine.wake(name);
    return view;
  }

  void reload(VmName name, boolean provision) {
    intend(
        name,
        record -> {
          SnapshotRules.refuseMemoryLoss(record, "a new disk");
          return engine.intents().renew(record, provision, now());
        });
  }

  void provision(VmName name) {
    VmRecord record = inspection.record(name);
    if (record.desired().spec().provision().isEmpty()) {
      throw new VmException(
          ErrorCode.VM_INVALID_STATE,
          name + " has no provision steps",
          "add provision nodes to its VMFile and run 'vmctl up'");
    }
    if (Views.state(record, engine.seen(record)) != VmState.RUNNING) {
      throw new VmException(
          ErrorCode.VM_INVALID_STATE,
          name + " does not run: it cannot be provisioned",
          "start it first: vmctl start " + name);
    }
    intend(name, before -> engine.intents().provisionAgain(before, now()));
  }

  void intend(VmName name, UnaryOperator<VmRecord> intent) {
    inspection.record(name);
    engine.store().update(name, record -> record == null ? null : intent.apply(record));
    admission.admit(name);
    engine.wake(name);
  }

  /** Nothing has to be done for it. */
  void label(VmName name, LabelChange change) {
    inspection.record(name);
    engine
        .store()
        .update(
            name, record -> record == null ? null : engine.intents().label(record, change, now()));
  }

  private Instant now() {
    return engine.parts().timeline().now();
  }
}
