package dev.vmctl.cli;

import dev.vmctl.api.http.DaemonClient;
import dev.vmctl.api.http.RemoteDaemon;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The daemon that {@code --host} or {@code VMCTL_HOST} names. */
sealed interface HostAddress {
  String UNIX = "unix://";
  String TOKEN_FILE = "VMCTL_TOKEN_FILE";
  String CA_FILE = "VMCTL_CA_FILE";

  DaemonClient client();

  /** A unix socket of this host. */
  record Socket(Path path) implements HostAddress {
    @Override
    public DaemonClient client() {
      DaemonClient client = new DaemonClient(path);
      if (client.isAnswered()) {
        return client;
      }
      throw new VmException(
          ErrorCode.DAEMON_UNREACHABLE,
          "no daemon answers on " + path,
          "start it there, or name another with --host or VMCTL_HOST");
    }
  }

  /** On TCP, perhaps of another host: its files, sockets and loopback addresses are not ours. */
  record Remote(RemoteDaemon daemon) implements HostAddress {
    @Override
    public DaemonClient client() {
      return new DaemonClient(daemon);
    }
  }

  /**
   * @param text {@code unix:///path}, or {@code https://host:port}
   * @throws VmException usage when it is neither; access.denied when there is no token
   */
  static HostAddress of(String text, Surroundings surroundings) {
    if (text.startsWith("http://") || text.startsWith("https://")) {
      Path authorities = file(surroundings, CA_FILE);
      return new Remote(RemoteDaemon.of(text, token(text, surroundings), authorities));
    }
    String path = text.startsWith(UNIX) ? text.substring(UNIX.length()) : text;
    if (!path.startsWith("/")) {
      throw new VmException(
          ErrorCode.USAGE,
          "'" + text + "' names no daemon",
          "write unix:///path/to/vmctl.sock or https://HOST:PORT");
    }
    return new Socket(Path.of(path));
  }

  private static String token(String host, Surroundings surroundings) {
    Path file = file(surroundings, TOKEN_FILE);
    if (file == null) {
      throw new VmException(
          ErrorCode.ACCESS_DENIED,
          "there is no token for " + host,
          "copy the daemon's api.token, and name the copy with " + TOKEN_FILE);
    }
    try {
      Set<PosixFilePermission> mode = Files.getPosixFilePermissions(file);
      if (mode.contains(PosixFilePermission.GROUP_READ)
          || mode.contains(PosixFilePermission.OTHERS_READ)) {
        throw new VmException(
            ErrorCode.CONFIG_INVALID,
            "others than you can read the token in " + file,
            "run: chmod 600 " + file);
      }
      String token = Files.readString(file).strip();
      // What is no text of one line would be a header of its own.
      if (!token.matches("[\\x21-\\x7e]+")) {
        throw new VmException(
            ErrorCode.CONFIG_INVALID,
            "there is no token in " + file,
            "copy the daemon's api.token");
      }
      return token;
    } catch (IOException e) {
      throw new VmException(
          ErrorCode.IO,
          "the token cannot be read from " + file + ": " + e.getMessage(),
          "copy the daemon's api.token there",
          e);
    }
  }

  private static @Nullable Path file(Surroundings surroundings, String variable) {
    String name = surroundings.environment().getOrDefault(variable, "");
    return name.isEmpty() ? null : surroundings.resolve(Path.of(name));
  }
}
