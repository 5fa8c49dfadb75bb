package dev.vmctl.hypervisor.qemu;

import dev.vmctl.host.HostProcess;
import dev.vmctl.host.HostProcesses;
import dev.vmctl.host.Log;
import dev.vmctl.host.Signal;
import dev.vmctl.hypervisor.Observation;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.time.Duration;
import java.util.Optional;

/** Ends VMs, as gently as is asked. Each step has a deadline, and waits on the end itself. */
final class QemuStopper {
  private static final System.Logger LOG = Log.of(QemuStopper.class);

  /** A guest that is still booting misses the power button: it is pressed again. */
  private static final Duration PRESS_AGAIN = Duration.ofSeconds(5);

  private static final Duration LOOK_AGAIN = Duration.ofSeconds(1);

  private final QemuLinks links;
  private final QemuProcesses qemuProcesses;
  private final HostProcesses processes;
  private final ShareServers shares;
  private final TpmServers tpms;
  private final QemuSettings settings;

  QemuStopper(
      QemuLinks links,
      QemuProcesses qemuProcesses,
      HostProcesses processes,
      ShareServers shares,
      TpmServers tpms,
      QemuSettings settings) {
    this.links = links;
    this.qemuProcesses = qemuProcesses;
    this.processes = processes;
    this.shares = shares;
    this.tpms = tpms;
    this.settings = settings;
  }

  /** Power button, then SIGTERM, then SIGKILL. */
  void stop(VmHandle vm, Duration grace) throws InterruptedException {
    Optional<HostProcess> process = qemuProcesses.find(vm);
    if (process.isPresent()) {
      if (!grace.isPositive() || !askGuest(vm, grace)) {
        processes.signal(process.get(), Signal.TERMINATE);
      } else {
        quit(vm);
      }
      end(vm, process.get(), settings.end());
    }
    forget(vm);
  }

  /** SIGKILL at once. */
  void kill(VmHandle vm) throws InterruptedException {
    Optional<HostProcess> process = qemuProcesses.find(vm);
    if (process.isPresent()) {
      end(vm, process.get(), Duration.ZERO);
    }
    forget(vm);
  }

  /** Ends the process of a guest that has ended. */
  void reap(VmHandle vm) throws InterruptedException {
    Optional<HostProcess> process = qemuProcesses.find(vm);
    if (process.isPresent()) {
      refuseRunning(vm);
      quit(vm);
      end(vm, process.get(), settings.end());
    }
    forget(vm);
  }

  /**
   * Removes what the process of a VM needed, unless there is one.
   *
   * @return whether there is none
   */
  boolean clearEnded(VmHandle vm) throws InterruptedException {
    boolean ended = qemuProcesses.find(vm).isEmpty();
    if (ended) {
      forget(vm);
    }
    return ended;
  }

  private void refuseRunning(VmHandle vm) throws InterruptedException {
    try {
      String status = links.get(vm, settings.answer()).status(settings.answer());
      if (!(RunState.observation(status, 0) instanceof Observation.Exited)) {
        throw new VmException(
            ErrorCode.VM_INVALID_STATE,
            "the guest of " + vm.name() + " has not ended: its state is " + status,
            "stop it first");
      }
    } catch (VmException e) {
      // Hung up: its process is ending, and that is what is wanted.
      if (e.code() != ErrorCode.QMP_CONNECT_FAILED) {
        throw e;
      }
    }
  }

  /**
   * @return whether the guest ended in time; false also when it could not be asked
   */
  private boolean askGuest(VmHandle vm, Duration grace) throws InterruptedException {
    long end = System.nanoTime() + grace.toNanos();
    long press = System.nanoTime();
    try {
      for (long left = grace.toNanos(); left > 0; left = end - System.nanoTime()) {
        QemuLink link = links.get(vm, settings.answer());
        long seen = link.changes();
        Observation now = RunState.observation(link.status(settings.answer()), 0);
        if (now instanceof Observation.Exited) {
          return true;
        }
        if (now instanceof Observation.Suspended) {
          // A frozen guest hears no button.
          link.execute("cont", settings.answer());
        }
        if (System.nanoTime() - press >= 0) {
          link.execute("system_powerdown", settings.answer());
          press = System.nanoTime() + PRESS_AGAIN.toNanos();
        }
        link.awaitChange(seen, shorter(LOOK_AGAIN, Duration.ofNanos(left)));
      }
    } catch (VmException e) {
      LOG.log(
          System.Logger.Level.INFO,
          "the guest cannot be asked to power off vm={0} reason={1}",
          vm.name(),
          e.getMessage());
    }
    return false;
  }

  private void quit(VmHandle vm) throws InterruptedException {
    try {
      links.get(vm, settings.answer()).execute("quit", settings.answer());
    } catch (VmException e) {
      // It may hang up before it replies. Whether it ends is seen next, and seen to.
      LOG.log(System.Logger.Level.DEBUG, "no reply to quit vm={0}", vm.name(), e);
    }
  }

  private void end(VmHandle vm, HostProcess process, Duration patience)
      throws InterruptedException {
    if (patience.isPositive() && processes.awaitExit(process, patience)) {
      return;
    }
    processes.signal(process, Signal.KILL);
    if (!processes.awaitExit(process, settings.end())) {
      throw new VmException(
          ErrorCode.TIMEOUT,
          "process " + process.pid() + " of " + vm.name() + " does not end, even killed",
          "it may wait for a disk or network file system that does not answer");
    }
  }

  private void forget(VmHandle vm) throws InterruptedException {
    links.drop(vm);
    shares.end(vm);
    tpms.end(vm);
    new QemuFiles(vm).clear();
  }

  private static Duration shorter(Duration one, Duration other) {
    return one.compareTo(other) < 0 ? one : other;
  }
}
