package dev.vmctl;

import dev.vmctl.guest.RemoteExit;
import dev.vmctl.guest.SshConnection;
import dev.vmctl.guest.SshGuests;
import dev.vmctl.guest.SshTarget;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.hypervisor.propolis.GuestShutdown;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.Optional;
import java.util.function.Function;

/** Asks a guest to shut down by logging in and telling it to. */
final class SshShutdown implements GuestShutdown {
  /** In the background, so that the answer arrives before the connection is cut. */
  private static final String COMMAND =
      "sudo -n sh -c '(sleep 1; poweroff || systemctl poweroff || halt -p) >/dev/null 2>&1 &'";

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final SshGuests guests;
  private final Function<VmName, Optional<VmSpec>> specs;

  /**
   * @param specs what a VM runs as: who may log in, and with which key
   */
  SshShutdown(SshGuests guests, Function<VmName, Optional<VmSpec>> specs) {
    this.guests = guests;
    this.specs = specs;
  }

  @Override
  public void ask(VmHandle vm, InetSocketAddress ssh, Duration within) throws InterruptedException {
    VmSpec spec = specs.apply(vm.name()).orElseThrow(() -> unknown(vm));
    Duration patience = within.compareTo(PATIENCE) < 0 ? within : PATIENCE;
    String host = ssh.getAddress().getHostAddress();
    SshTarget target = SshTarget.of(spec, host, ssh.getPort(), vm.directory(), patience);
    ByteArrayOutputStream said = new ByteArrayOutputStream();
    try (SshConnection connection = guests.connect(target)) {
      RemoteExit exit = connection.exec(COMMAND, null, said, said);
      if (!exit.succeeded()) {
        throw new VmException(
            ErrorCode.SSH_FAILED,
            vm.name()
                + " was told to shut down and would not: "
                + exit.text()
                + ": "
                + said.toString(StandardCharsets.UTF_8).strip(),
            "its user needs sudo without a password to be shut down gracefully");
      }
    }
  }

  private static VmException unknown(VmHandle vm) {
    return new VmException(
        ErrorCode.VM_NOT_FOUND,
        "there is no VM " + vm.name(),
        "'vmctl list' shows those there are");
  }
}
