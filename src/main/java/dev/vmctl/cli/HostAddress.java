package dev.vmctl.cli;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.nio.file.Path;

/** What {@code VMCTL_HOST} names: {@code unix:///path/to/vmctl.sock}. */
final class HostAddress {
  private static final String UNIX = "unix://";

  private HostAddress() {}

  /**
   * @throws VmException USAGE when it is no unix socket: a VM's console, keys and images are files
   *     of the host, so a daemon of another host is reached by logging in there
   */
  static Path socket(String host) {
    String path = host.startsWith(UNIX) ? host.substring(UNIX.length()) : host;
    if (!path.startsWith("/")) {
      throw new VmException(
          ErrorCode.USAGE,
          "VMCTL_HOST is '" + host + "', which names no unix socket",
          "write unix:///path/to/vmctl.sock; for another host: ssh HOST vmctl …");
    }
    return Path.of(path);
  }
}
