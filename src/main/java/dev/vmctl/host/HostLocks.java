package dev.vmctl.host;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/**
 * Locks on files that exclude between processes and, just as well, between the threads of one
 * process. The files stay when the locks are gone: deleting them would let two processes lock two
 * different files of one name.
 */
public interface HostLocks {
  /**
   * Takes the lock if that is possible now; makes its file when it is not there.
   *
   * @throws dev.vmctl.model.VmException IO when the file cannot be opened
   */
  Optional<HostLock> tryAcquire(Path path, HostLock.Mode mode);

  /**
   * Takes the lock, waiting for it if need be.
   *
   * @throws dev.vmctl.model.VmException STORE_LOCKED when the time is over, naming the holder; IO
   *     when the file cannot be opened
   */
  HostLock acquire(Path path, HostLock.Mode mode, Duration timeout) throws InterruptedException;

  /** Who holds the lock now; empty when nobody does, or when the host does not tell. */
  List<LockHolder> holders(Path path);
}
