package dev.vmctl.host;

import java.nio.file.Path;

/**
 * A lock that is held until it is closed, or until the process ends, however that comes about.
 *
 * <p>Closing it twice is harmless.
 */
public interface HostLock extends AutoCloseable {
  /** How a lock is held. */
  enum Mode {
    /** Together with others that share it. */
    SHARED,
    /** Alone. */
    EXCLUSIVE
  }

  Path path();

  @Override
  void close();
}
