package dev.vmctl.host;

import java.nio.file.Path;
import java.util.Optional;

/** What is true of this host and of the user we run as. */
public interface HostFacts extends HostRoom {
  /** Changes with every boot of the host. */
  String bootId();

  /** What the host calls itself: {@code $VMCTL_HOST_NAME}, else the kernel's; may hold dots. */
  String hostName();

  /** The numeric user we run as; 0 is root. */
  int userId();

  String userName();

  Path home();

  /** Where our data lives: {@code $XDG_DATA_HOME/vmctl}, else {@code ~/.local/share/vmctl}. */
  Path dataDirectory();

  /** What can be fetched again: {@code $XDG_CACHE_HOME/vmctl}, else {@code ~/.cache/vmctl}. */
  Path cacheDirectory();

  /**
   * For sockets: {@code $XDG_RUNTIME_DIR/vmctl}, else a directory of this user in the temporary
   * one; it may not exist yet.
   */
  Path runtimeDirectory();

  /** A program of this name on the {@code PATH}, or at this absolute path. */
  Optional<Path> findProgram(String name);

  /** A TCP port of 127.0.0.1 nobody listens on now; somebody may before you do. */
  int freeTcpPort();
}
