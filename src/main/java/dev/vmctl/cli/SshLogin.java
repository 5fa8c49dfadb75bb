package dev.vmctl.cli;

import dev.vmctl.api.SshAccess;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/** How a guest is reached and logged in to, by the commands that leave the rest to OpenSSH. */
final class SshLogin {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  @Option(
      names = "--user",
      paramLabel = "USER",
      description = "User to log in as. Default: the VMFile's, else vm.")
  private @Nullable String user;

  @Option(
      names = {"-i", "--key"},
      paramLabel = "FILE",
      description = "Private key to try first.")
  private @Nullable Path key;

  /** A guest whose SSH server answers, and what its clients are told. */
  record Reached(SshAccess access, SshOptions options) {
    String port() {
      return Integer.toString(access.port());
    }
  }

  /**
   * Waits up to 30 s for the guest's SSH server.
   *
   * @throws VmException io without the key, vm.invalid_state, ssh.timeout
   */
  Reached reach(Session session, VmName name) {
    Path first = key == null ? null : session.surroundings().resolve(key);
    if (first != null && !Files.isReadable(first)) { // ssh would go on to the next key, in silence.
      throw new VmException(
          ErrorCode.IO, "there is no private key that can be read at " + first, "check --key");
    }
    SshAccess access = session.read(vmctl -> vmctl.ssh(name));
    new SshBanner(session.surroundings().nanoTime()).await(access, PATIENCE);
    session.terminal().flush();
    return new Reached(access, new SshOptions(access, user, first));
  }
}
