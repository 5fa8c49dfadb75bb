package dev.vmctl;

import dev.vmctl.guest.RemoteExit;
import dev.vmctl.guest.SshConnection;
import dev.vmctl.guest.SshGuests;
import dev.vmctl.guest.SshTarget;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.hypervisor.propolis.GuestShutdown;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmSpec;
import dev.vmctl.store.Applied;
import dev.vmctl.store.VmRecord;
import dev.vmctl.store.VmStore;
import java.io.ByteArrayOutputStream;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.time.Duration;

/** Asks a guest to shut down by logging in and telling it to. */
final class SshShutdown implements GuestShutdown {
  /** In the background, so that the answer arrives before the connection is cut. */
  private static final String COMMAND =
      "sudo -n sh -c '(sleep 1; poweroff || systemctl poweroff || halt -p) >/dev/null 2>&1 &'";

  private static final Duration PATIENCE = Duration.ofSeconds(10);

  private final SshGuests guests;
  private final VmStore store;

  SshShutdown(SshGuests guests, VmStore store) {
    this.guests = guests;
    this.store = store;
  }

  @Override
  public void ask(VmHandle vm, InetSocketAddress ssh, Duration within) throws InterruptedException {
    VmSpec spec = store.read(vm.name()).map(SshShutdown::running).orElseThrow(() -> unknown(vm));
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

  private static VmSpec running(VmRecord record) {
    Applied applied = record.applied();
    return applied == null ? record.desired().spec() : applied.spec();
  }

  private static VmException unknown(VmHandle vm) {
    return new VmException(
        ErrorCode.VM_NOT_FOUND,
        "there is no VM " + vm.name(),
        "'vmctl list' shows those there are");
  }
}
