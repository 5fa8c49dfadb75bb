package dev.vmctl.hypervisor.qemu;

import dev.vmctl.host.HostPorts;
import dev.vmctl.host.HostProcess;
import dev.vmctl.host.HostProcesses;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.ForwardSpec;
import dev.vmctl.model.ForwardSpec.Protocol;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmSpec;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Says of forwarded ports whether they can be had, and who has them. */
final class Forwards {
  private static final String NAME = "guest=";

  private final HostPorts ports;
  private final HostProcesses processes;

  Forwards(HostPorts ports, HostProcesses processes) {
    this.ports = ports;
    this.processes = processes;
  }

  /**
   * @param running whose ports are this VM's own; null when it does not run
   * @throws VmException network.port_taken
   */
  void checkFree(VmSpec declared, @Nullable VmSpec running) {
    List<ForwardSpec> own = running == null ? List.of() : running.forwards();
    for (ForwardSpec forward : declared.forwards()) {
      boolean ours = own.stream().anyMatch(forward::excludes);
      if (!ours && ports.isTaken(isUdp(forward), forward.bind(), forward.hostPort())) {
        throw taken(forward, null);
      }
    }
  }

  /** Whether a declared forward takes this port of 127.0.0.1. */
  static boolean take(List<ForwardSpec> forwards, int port) {
    return forwards.stream()
        .anyMatch(forward -> forward.protocol() == Protocol.TCP && forward.hostPort() == port);
  }

  /** The declared forward whose rule QEMU's message repeats. */
  static Optional<ForwardSpec> named(List<ForwardSpec> forwards, String message) {
    return forwards.stream()
        .filter(forward -> message.contains("'" + QemuCommandLine.rule(forward) + "'"))
        .findFirst();
  }

  VmException taken(ForwardSpec forward, @Nullable Throwable cause) {
    String holder =
        ports
            .holder(isUdp(forward), forward.hostPort())
            .map(this::text)
            .orElse("a program that this user may not see, or that this user may not listen there");
    return new VmException(
        ErrorCode.PORT_TAKEN,
        "port " + forward.listens() + " cannot be forwarded: it is taken by " + holder,
        "end that program, or forward another port; it is tried again by itself",
        cause);
  }

  private String text(HostPorts.Holder holder) {
    String process = holder.program() + " (process " + holder.pid() + ")";
    return processes
        .find(holder.pid())
        .flatMap(this::vm)
        .map(name -> "the VM '" + name + "' (process " + holder.pid() + ")")
        .orElse(process);
  }

  private Optional<String> vm(HostProcess process) {
    List<String> words = processes.commandLine(process);
    int name = words.indexOf("-name");
    return name < 0 || name + 1 >= words.size() || !words.get(name + 1).startsWith(NAME)
        ? Optional.empty()
        : Optional.of(words.get(name + 1).substring(NAME.length()).split(",", 2)[0]);
  }

  private static boolean isUdp(ForwardSpec forward) {
    return forward.protocol() == Protocol.UDP;
  }
}
