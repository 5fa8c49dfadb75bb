package dev.vmctl.hypervisor.bhyve;

import dev.vmctl.host.HostProcess;
import dev.vmctl.host.HostProcesses;
import dev.vmctl.host.Signal;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.time.Duration;
import java.util.Optional;

/** Ends VMs, as gently as is asked, and clears away what they leave. */
final class BhyveStopper {
  /** A guest that is still booting misses the power button: it is pressed again. */
  private static final Duration PRESS_AGAIN = Duration.ofSeconds(5);

  private final HostProcesses processes;
  private final BhyveProcesses bhyveProcesses;
  private final BhyveVms vms;
  private final BhyveTaps taps;
  private final BhyveSettings settings;

  BhyveStopper(
      HostProcesses processes,
      BhyveProcesses bhyveProcesses,
      BhyveVms vms,
      BhyveTaps taps,
      BhyveSettings settings) {
    this.processes = processes;
    this.bhyveProcesses = bhyveProcesses;
    this.vms = vms;
    this.taps = taps;
    this.settings = settings;
  }

  /** Power button, then the plug, then SIGKILL. */
  void stop(VmHandle vm, Duration grace) throws InterruptedException {
    Optional<HostProcess> process = bhyveProcesses.find(vm);
    if (process.isPresent() && !askGuest(process.get(), grace)) {
      vms.powerOff(vm);
      if (!processes.awaitExit(process.get(), settings.end())) {
        end(vm);
      }
    }
    reap(vm);
  }

  /** SIGKILL at once. */
  void kill(VmHandle vm) throws InterruptedException {
    end(vm);
    reap(vm);
  }

  /**
   * Gives back what a VM that does not run still holds: the kernel's part of it, its tap, its
   * files.
   *
   * @throws VmException vm.invalid_state when it runs
   */
  void reap(VmHandle vm) {
    bhyveProcesses
        .find(vm)
        .ifPresent(
            process -> {
              throw new VmException(
                  ErrorCode.VM_INVALID_STATE,
                  "the guest of "
                      + vm.name()
                      + " has not ended: process "
                      + process.pid()
                      + " runs",
                  "stop it first");
            });
    vms.destroy(vm);
    taps.remove(vm);
    new BhyveFiles(vm).clear();
  }

  /**
   * @return whether it ended in time
   */
  private boolean askGuest(HostProcess process, Duration grace) throws InterruptedException {
    Duration left = grace;
    while (left.isPositive()) {
      processes.signal(process, Signal.TERMINATE);
      Duration wait = left.compareTo(PRESS_AGAIN) < 0 ? left : PRESS_AGAIN;
      if (processes.awaitExit(process, wait)) {
        return true;
      }
      left = left.minus(wait);
    }
    return false;
  }

  /** bhyve first: its keeper would start it again, or leave it an orphan. */
  private void end(VmHandle vm) throws InterruptedException {
    Optional<HostProcess> keeper = bhyveProcesses.keeper(vm);
    Optional<HostProcess> guest = bhyveProcesses.guest(vm);
    // A keeper that was asked to stop does not run bhyve again, whatever its exit code.
    keeper.ifPresent(process -> processes.signal(process, Signal.TERMINATE));
    if (guest.isPresent()) {
      processes.signal(guest.get(), Signal.KILL);
      require(vm, guest.get());
    }
    if (keeper.isPresent() && !processes.awaitExit(keeper.get(), settings.end())) {
      processes.signal(keeper.get(), Signal.KILL);
      require(vm, keeper.get());
    }
  }

  private void require(VmHandle vm, HostProcess process) throws InterruptedException {
    if (!processes.awaitExit(process, settings.end())) {
      throw new VmException(
          ErrorCode.TIMEOUT,
          "process " + process.pid() + " of " + vm.name() + " does not end, even killed",
          "it may wait for a disk that does not answer");
    }
  }
}
