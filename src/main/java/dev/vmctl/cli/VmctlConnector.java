package dev.vmctl.cli;

import dev.vmctl.Version;
import dev.vmctl.api.Vmctl;
import dev.vmctl.api.http.DaemonClient;
import dev.vmctl.api.http.HttpApi;
import dev.vmctl.model.EnginePolicy;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Finds who answers for a data directory: its daemon, else an engine in this process. The lock is
 * the truth, the socket only an address: a socket nobody listens on means no daemon, unless its
 * lock is held.
 */
final class VmctlConnector {
  private final LocalEngine engine;

  VmctlConnector(LocalEngine engine) {
    this.engine = engine;
  }

  boolean hasDaemon(Path dataDirectory, @Nullable HostAddress host) {
    return daemon(dataDirectory, host).isPresent();
  }

  /**
   * For questions. Version differences are the caller's to warn of.
   *
   * @param host the daemon to ask; null for the data directory's, if it has one
   */
  Vmctl forReading(Path dataDirectory, @Nullable HostAddress host) {
    Optional<DaemonClient> daemon = daemon(dataDirectory, host);
    return daemon.isPresent() ? daemon.get() : engine.openReadOnly(dataDirectory);
  }

  /**
   * For commands.
   *
   * @param policy for an engine in this process; a daemon has its own
   * @throws VmException VERSION_SKEW when the daemon is of another version; DAEMON_UNREACHABLE when
   *     it holds the data directory but does not answer
   */
  Vmctl forWriting(
      Path dataDirectory, @Nullable HostAddress host, Duration lockTimeout, EnginePolicy policy) {
    long end = System.nanoTime() + lockTimeout.toNanos();
    while (true) {
      Optional<DaemonClient> daemon = daemon(dataDirectory, host);
      if (daemon.isPresent()) {
        return sameVersion(daemon.get());
      }
      try {
        return engine.open(dataDirectory, lockTimeout, policy);
      } catch (VmException refused) {
        if (refused.code() != ErrorCode.STORE_LOCKED) {
          throw refused;
        }
        // A daemon has it that is about to serve, or about to end: a moment later we know.
        if (System.nanoTime() >= end) {
          throw unreachable(dataDirectory, refused);
        }
      }
    }
  }

  private static Optional<DaemonClient> daemon(Path dataDirectory, @Nullable HostAddress host) {
    if (host != null) {
      return Optional.of(host.client());
    }
    Path socket = HttpApi.socket(dataDirectory);
    if (!Files.exists(socket)) {
      return Optional.empty();
    }
    DaemonClient client = new DaemonClient(socket);
    return client.isAnswered() ? Optional.of(client) : Optional.empty();
  }

  private static Vmctl sameVersion(DaemonClient client) {
    String theirs = client.info().version();
    if (!theirs.equals(Version.CURRENT)) {
      throw new VmException(
          ErrorCode.VERSION_SKEW,
          "the daemon is vmctl " + theirs + ", this is " + Version.CURRENT,
          "restart the daemon, so that both are the same; no VM stops for that");
    }
    return client;
  }

  private static VmException unreachable(Path dataDirectory, VmException refused) {
    return new VmException(
        ErrorCode.DAEMON_UNREACHABLE,
        "something holds "
            + dataDirectory
            + " but does not answer on "
            + HttpApi.socket(dataDirectory)
            + ": "
            + refused.getMessage(),
        "wait for it to end, or restart the daemon; its VMs run on",
        refused);
  }
}
