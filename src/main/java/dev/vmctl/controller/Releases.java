package dev.vmctl.controller;

import dev.vmctl.api.ReleaseView;
import dev.vmctl.hypervisor.Hypervisor;
import dev.vmctl.hypervisor.Observation;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.BackendTag;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmState;
import dev.vmctl.store.DataDirectory;
import dev.vmctl.store.Removal;
import dev.vmctl.store.VmRecord;
import dev.vmctl.store.VmStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Lets VMs go: what runs runs on, every file stays where it is, and nobody looks after it. */
final class Releases {
  /** The reason of a removal that is one of these. */
  static final String RELEASED = "Released";

  private final EngineParts parts;
  private final VmStore store;
  private final Observing observing;
  private final Events events;

  Releases(EngineParts parts, VmStore store, Observing observing, Events events) {
    this.parts = parts;
    this.store = store;
    this.observing = observing;
    this.events = events;
  }

  /**
   * What becomes of it.
   *
   * @throws VmException vm.invalid_state while nobody can tell what it does
   */
  ReleaseView view(VmRecord record, Observation seen) {
    Hypervisor hypervisor = parts.hypervisors().of(Observing.specThatRuns(record));
    boolean ended = seen instanceof Observation.Absent || seen instanceof Observation.Exited;
    if (!ended && hypervisor.backend() != BackendTag.QEMU) {
      throw new VmException(
          ErrorCode.CAPABILITY_MISSING,
          "a VM of " + hypervisor.backend().text() + " cannot be released while it runs",
          "stop it first: vmctl stop " + record.name());
    }
    return switch (seen) {
      case Observation.Running(long pid) -> view(record, VmState.RUNNING, pid);
      case Observation.Suspended(long pid) -> view(record, VmState.SUSPENDED, pid);
      case Observation.Absent absent -> stopped(record);
      case Observation.Exited exited -> stopped(record);
      case Observation.Unknown(String why) ->
          throw new VmException(
              ErrorCode.VM_INVALID_STATE,
              record.name() + " cannot be released now: " + why,
              "see 'vmctl status " + record.name() + "' and try again");
    };
  }

  private ReleaseView view(VmRecord record, VmState state, long pid) {
    return new ReleaseView(record.name().value(), state.text(), pid, files(parts, record.name()));
  }

  private ReleaseView stopped(VmRecord record) {
    return new ReleaseView(
        record.name().value(), VmState.STOPPED.text(), null, files(parts, record.name()));
  }

  /** Its directory, and what that names elsewhere. */
  static List<String> files(EngineParts parts, VmName name) {
    DataDirectory data = parts.data();
    List<String> files = new ArrayList<>(List.of(data.vm(name).toString()));
    parts.disks().linked(data.vm(name)).values().stream().map(Path::toString).forEach(files::add);
    return files;
  }

  static boolean isWanted(VmRecord record) {
    Removal removal = record.removal();
    return removal != null && removal.release();
  }

  /**
   * Does it.
   *
   * @return whether it is gone; not so when somebody has asked for something else since
   */
  boolean carryOut(VmRecord record) {
    Hypervisor hypervisor = parts.hypervisors().of(Observing.specThatRuns(record));
    VmName name = record.name();
    VmHandle handle = observing.handle(record);
    switch (hypervisor.observe(handle)) {
      case Observation.Running running -> hypervisor.letGo(handle);
      case Observation.Suspended suspended -> hypervisor.letGo(handle);
      // Its process would hold the disk for ever: nobody would end it any more.
      case Observation.Exited exited -> hypervisor.reap(handle);
      case Observation.Absent absent -> {}
      case Observation.Unknown(String why) ->
          throw new VmException(
              ErrorCode.TIMEOUT,
              name + " cannot be released yet: " + why,
              "it is tried again; 'vmctl status " + name + "' shows what it does");
    }
    boolean gone = store.release(name, Releases::isWanted);
    if (gone) {
      String files = String.join(", ", files(parts, name));
      events.normal(
          name,
          RELEASED,
          "let go as it is; its files stay: "
              + files
              + "; 'vmctl adopt "
              + name
              + "' takes it back");
    }
    return gone;
  }
}
