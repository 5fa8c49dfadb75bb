package dev.vmctl.host;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;
import java.util.stream.Collectors;

/**
 * Locks by flock(2). Those belong to the open file, not to the process: two threads exclude each
 * other without a table of our own, and nobody loses a lock because somebody else in the process
 * closed the same file. ({@code FileChannel} locks have both faults.)
 *
 * <p>Who holds one is asked of the host, so it is never out of date and several who share a lock
 * are all named.
 */
abstract class Flocks implements HostLocks {
  private static final Duration FIRST_PAUSE = Duration.ofMillis(1);
  private static final Duration LONGEST_PAUSE = Duration.ofMillis(25);
  private static final int COMMAND_LENGTH = 120;

  private final HostProcesses processes;

  Flocks(HostProcesses processes) {
    this.processes = processes;
  }

  /** The numbers of those who hold the lock; 0 for one whose number is not ours to know. */
  abstract List<Long> pids(Path path) throws IOException;

  @Override
  public final Optional<HostLock> tryAcquire(Path path, HostLock.Mode mode) {
    int descriptor = FileCalls.openOrCreate(path);
    if (descriptor < 0) {
      throw cannotOpen(path, -descriptor);
    }
    int result = FileCalls.tryLock(descriptor, kind(mode));
    if (result >= 0) {
      return Optional.of(new Held(path, descriptor));
    }
    FileCalls.close(descriptor);
    if (result == -FileCalls.EAGAIN || result == -FileCalls.EINTR) {
      return Optional.empty();
    }
    throw new VmException(
        ErrorCode.IO,
        "cannot lock " + path + ": errno " + -result,
        "the file system of the data directory must support locks");
  }

  private static VmException cannotOpen(Path path, int errno) {
    String what = "cannot open the lock file " + path + ": ";
    return switch (errno) {
      case FileCalls.ENOSPC ->
          new VmException(
              ErrorCode.DISK_FULL,
              what + "no space left",
              "free some space on the file system of " + path.getParent() + " and try again");
      case FileCalls.EACCES ->
          new VmException(
              ErrorCode.IO,
              what + "permission denied",
              "run vmctl as the owner of " + path.getParent() + ", or name another --data-dir");
      case FileCalls.EROFS ->
          new VmException(
              ErrorCode.IO,
              what + "its file system is read-only",
              "make it writable, or name another directory with --data-dir; 'list' and 'status' work");
      case FileCalls.EMFILE ->
          new VmException(
              ErrorCode.IO, what + "too many open files", "raise the limit: ulimit -n 4096");
      default ->
          new VmException(
              ErrorCode.IO,
              what + "errno " + errno,
              "check that its directory exists and that you may write there");
    };
  }

  /** Tries again at short pauses: a blocking flock could not be interrupted or given a deadline. */
  @Override
  public final HostLock acquire(Path path, HostLock.Mode mode, Duration timeout)
      throws InterruptedException {
    long end = System.nanoTime() + timeout.toNanos();
    Duration pause = FIRST_PAUSE;
    while (true) {
      Optional<HostLock> lock = tryAcquire(path, mode);
      if (lock.isPresent()) {
        return lock.get();
      }
      long left = end - System.nanoTime();
      if (left <= 0) {
        throw stillLocked(path, timeout);
      }
      TimeUnit.NANOSECONDS.sleep(Math.min(left, pause.toNanos()));
      Duration longer = pause.multipliedBy(2);
      pause = longer.compareTo(LONGEST_PAUSE) < 0 ? longer : LONGEST_PAUSE;
    }
  }

  private VmException stillLocked(Path path, Duration timeout) {
    String who = holders(path).stream().map(LockHolder::toString).collect(Collectors.joining(", "));
    return new VmException(
        ErrorCode.STORE_LOCKED,
        path
            + " is still locked by "
            + (who.isEmpty() ? "another process" : who)
            + " after "
            + timeout.toMillis()
            + " ms",
        "wait for it to finish, stop it, or wait longer with --lock-timeout");
  }

  @Override
  public final List<LockHolder> holders(Path path) {
    try {
      return pids(path).stream().map(this::holder).toList();
    } catch (IOException | VmException nobodyTells) {
      // A lock that nobody ever took has no file; and a name is a help, never a reason to fail.
      return List.of();
    }
  }

  private LockHolder holder(long pid) {
    String command =
        pid < 1
            ? "in another container"
            : processes
                .find(pid)
                .map(process -> String.join(" ", processes.commandLine(process)))
                .orElse("");
    boolean longer = command.length() > COMMAND_LENGTH;
    return new LockHolder(pid, longer ? command.substring(0, COMMAND_LENGTH) + "…" : command);
  }

  private static int kind(HostLock.Mode mode) {
    return switch (mode) {
      case SHARED -> FileCalls.LOCK_SHARED;
      case EXCLUSIVE -> FileCalls.LOCK_EXCLUSIVE;
    };
  }

  private static final class Held implements HostLock {
    private final Path path;
    private final int descriptor;
    // A descriptor closed twice might be somebody else's by then.
    private final AtomicBoolean closed = new AtomicBoolean();

    Held(Path path, int descriptor) {
      this.path = path;
      this.descriptor = descriptor;
    }

    @Override
    public Path path() {
      return path;
    }

    @Override
    public void close() {
      if (closed.compareAndSet(false, true)) {
        FileCalls.close(descriptor);
      }
    }
  }
}
