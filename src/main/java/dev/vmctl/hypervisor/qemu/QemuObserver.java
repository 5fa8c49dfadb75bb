package dev.vmctl.hypervisor.qemu;

import dev.vmctl.host.HostProcess;
import dev.vmctl.host.HostProcesses;
import dev.vmctl.hypervisor.Observation;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.time.Duration;
import java.util.Optional;

/** Sees what a VM does now. */
final class QemuObserver {
  /** A process whose sockets are closed already is about to end. */
  private static final Duration ENDING = Duration.ofMillis(500);

  private final QemuLinks links;
  private final QemuProcesses qemuProcesses;
  private final HostProcesses processes;
  private final Duration answer;

  QemuObserver(
      QemuLinks links, QemuProcesses qemuProcesses, HostProcesses processes, Duration answer) {
    this.links = links;
    this.qemuProcesses = qemuProcesses;
    this.processes = processes;
    this.answer = answer;
  }

  /** As the engine: over its own connection, which stays open. */
  Observation observe(VmHandle vm) throws InterruptedException {
    if (isAdoptedAndGone(vm)) {
      return new Observation.Absent();
    }
    try {
      QemuLink link = links.get(vm, answer);
      String status = link.status(answer);
      return RunState.observation(status, pid(link.process(() -> qemuProcesses.find(vm))));
    } catch (VmException e) {
      if (e.code() != ErrorCode.QMP_CONNECT_FAILED) {
        return new Observation.Unknown(e.getMessage());
      }
      return withoutAnswer(qemuProcesses.find(vm), e, ENDING);
    }
  }

  /** As a bystander: over the second socket, and gone again. */
  Observation peek(VmHandle vm, Duration deadline) throws InterruptedException {
    if (isAdoptedAndGone(vm)) {
      return new Observation.Absent();
    }
    try {
      return links.look(vm, deadline, link -> seen(vm, link, deadline));
    } catch (VmException e) {
      if (e.code() != ErrorCode.QMP_CONNECT_FAILED) {
        return new Observation.Unknown(e.getMessage());
      }
      return withoutAnswer(qemuProcesses.findRecorded(vm), e, deadline);
    }
  }

  private Observation seen(VmHandle vm, QemuLink link, Duration deadline)
      throws InterruptedException {
    if (!link.belongsTo(vm, deadline)) {
      return new Observation.Unknown("another VM answers at " + new QemuFiles(vm).readSocket());
    }
    return RunState.observation(link.status(deadline), pid(qemuProcesses.findRecorded(vm)));
  }

  /**
   * Which process was adopted is certain, so its end is, too, whoever listens at its socket now.
   */
  private boolean isAdoptedAndGone(VmHandle vm) {
    return new QemuFiles(vm).adopted() != null && qemuProcesses.findRecorded(vm).isEmpty();
  }

  private Observation withoutAnswer(
      Optional<HostProcess> process, VmException why, Duration patience)
      throws InterruptedException {
    if (process.isEmpty() || processes.awaitExit(process.get(), patience)) {
      return new Observation.Absent();
    }
    return new Observation.Unknown(
        "process " + process.get().pid() + " runs, but: " + why.getMessage());
  }

  private static long pid(Optional<HostProcess> process) {
    return process.map(HostProcess::pid).orElse(0L);
  }
}
