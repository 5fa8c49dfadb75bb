package dev.vmctl.host;

import org.jspecify.annotations.Nullable;

/**
 * Which process: its number and when it started. The kernel hands numbers out again, but never the
 * same number at the same start, so a recycled pid is never mistaken for the old process.
 *
 * @param pid the process number, at least 1
 * @param startTicks when it started: on Linux in clock ticks after boot (field 22 of {@code
 *     /proc/PID/stat}), elsewhere in seconds since 1970; {@link #GONE} for a process that had ended
 *     before this could be read
 */
public record HostProcess(long pid, long startTicks) {
  /** Start of a process that ended before we could look; matches no process. */
  public static final long GONE = -1;

  public HostProcess {
    if (pid < 1) {
      throw new IllegalArgumentException("not a pid: " + pid);
    }
    if (startTicks < GONE) {
      throw new IllegalArgumentException("not a start time: " + startTicks);
    }
  }

  // What a record has by itself is put together at run time, and each VM that runs is compared.
  @Override
  public boolean equals(@Nullable Object other) {
    return other instanceof HostProcess process
        && pid == process.pid
        && startTicks == process.startTicks;
  }

  @Override
  public int hashCode() {
    return Long.hashCode(31 * pid + startTicks);
  }
}
