package dev.vmctl.host;

/**
 * A process that holds a lock.
 *
 * @param pid its number
 * @param command its command line, for people to read; may be empty
 */
public record LockHolder(long pid, String command) {
  @Override
  public String toString() {
    return command.isEmpty() ? "process " + pid : "process " + pid + " (" + command + ")";
  }
}
