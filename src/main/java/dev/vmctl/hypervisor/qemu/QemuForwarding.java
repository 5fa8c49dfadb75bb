package dev.vmctl.hypervisor.qemu;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.ForwardSpec;
import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.NicSpec;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmSpec;
import java.time.Duration;
import java.util.List;
import java.util.Map;

/**
 * Adds and removes forwarded ports of a QEMU that runs. Only its monitor for people can: what went
 * wrong is said in the text of a success.
 */
final class QemuForwarding {
  private final QemuLink link;
  private final Duration answer;
  private final Forwards forwards;

  QemuForwarding(QemuLink link, Duration answer, Forwards forwards) {
    this.link = link;
    this.answer = answer;
    this.forwards = forwards;
  }

  /**
   * @throws VmException network.port_taken
   */
  void change(VmSpec from, VmSpec to) throws InterruptedException {
    String network = network(to);
    List<ForwardSpec> present = UsernetText.forwards(people("info usernet"), network);
    for (ForwardSpec had : from.forwards()) {
      if (!to.forwards().contains(had) && present.contains(had)) {
        remove(network, had);
      }
    }
    for (ForwardSpec wanted : to.forwards()) {
      if (!present.contains(wanted)) {
        String said = people("hostfwd_add " + network + " " + QemuCommandLine.rule(wanted));
        if (!said.isBlank()) {
          throw forwards.taken(
              wanted, new VmException(ErrorCode.QMP_COMMAND_FAILED, said.strip(), "free the port"));
        }
      }
    }
  }

  private void remove(String network, ForwardSpec had) throws InterruptedException {
    String said =
        people(
            "hostfwd_remove "
                + network
                + " "
                + had.protocol().text()
                + ":"
                + had.bind()
                + ":"
                + had.hostPort());
    if (!said.contains("removed")) {
      throw new VmException(
          ErrorCode.QMP_COMMAND_FAILED,
          "QEMU did not give up the port " + had.listens() + ": " + said.strip(),
          "it is changed by a restart");
    }
  }

  /** The first card with QEMU's own network has the ports. */
  static String network(VmSpec spec) {
    if (VmFields.NETWORK.effective(spec) instanceof NetworkSpec.User) {
      return "net0";
    }
    return spec.nics().stream()
        .filter(nic -> nic.network() instanceof NetworkSpec.User)
        .map(NicSpec::name)
        .findFirst()
        .map(name -> "net-" + name)
        .orElse("net0");
  }

  private String people(String line) throws InterruptedException {
    return link.execute("human-monitor-command", Map.of("command-line", line), answer).asText();
  }
}
