package dev.vmctl.hypervisor.qemu;

import dev.vmctl.host.HostProcess;
import dev.vmctl.host.HostProcesses;
import dev.vmctl.host.Log;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.AdoptedProcess;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.VmException;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/** What is otherwise with QEMUs that others have started. */
final class AdoptedProcesses {
  private static final System.Logger LOG = Log.of(AdoptedProcesses.class);

  private final HostProcesses processes;

  AdoptedProcesses(HostProcesses processes) {
    this.processes = processes;
  }

  /**
   * The uuid that is asked over QMP proves nothing where nobody gave one: it must also be the very
   * process that was adopted that listens at its socket.
   *
   * @throws VmException vm.invalid_state when it is another
   */
  void requireListener(VmHandle vm) {
    LaunchFacts facts = vm.facts();
    AdoptedProcess other = facts == null ? null : facts.adopted();
    if (facts == null || other == null) {
      return;
    }
    HostProcess adopted = new HostProcess(facts.pid(), facts.processStart());
    processes
        .listener(other.control())
        .filter(listener -> !listener.equals(adopted))
        .ifPresent(
            listener -> {
              throw new VmException(
                  ErrorCode.VM_INVALID_STATE,
                  "process "
                      + listener.pid()
                      + " answers at "
                      + other.control()
                      + ", which was not adopted as "
                      + vm.name(),
                  "look for a second QEMU that was started with the same socket");
            });
  }

  /**
   * A guest that ends shall be seen to have: as in those that vmctl starts, the process then waits
   * to be asked why. Said anew with each connection, as it may have been let go since its start.
   */
  static void keepAtEnd(QemuLink link, Duration deadline) throws InterruptedException {
    setActions(link, "pause", "pause", deadline);
  }

  /** The reverse, for a process that is nobody's any more, as its own command line has it. */
  static void endByItself(QemuLink link, List<String> commandLine, Duration deadline)
      throws InterruptedException {
    setActions(
        link, commandLine.contains("-no-shutdown") ? "pause" : "poweroff", "shutdown", deadline);
  }

  private static void setActions(
      QemuLink link, String atShutdown, String atPanic, Duration deadline)
      throws InterruptedException {
    try {
      link.execute("set-action", Map.of("shutdown", atShutdown, "panic", atPanic), deadline);
    } catch (VmException e) {
      if (e.code() != ErrorCode.QMP_COMMAND_FAILED) {
        throw e;
      }
      // Before QEMU 6.0. How its guest has ended cannot be told then: it counts as a crash.
      LOG.log(
          System.Logger.Level.INFO,
          "a guest that powers off looks like one that crashed: {0}",
          e.getMessage());
    }
  }
}
