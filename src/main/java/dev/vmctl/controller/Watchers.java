package dev.vmctl.controller;

import dev.vmctl.model.VmName;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Set;
import java.util.TreeSet;

/**
 * Lets callers wait until something about a VM has changed. Versions rise by one with each change.
 */
final class Watchers {
  /** Longest wait of one call. */
  static final Duration LONGEST_WAIT = Duration.ofSeconds(60);

  private final Map<VmName, Long> versions = new HashMap<>();
  private final long first;
  private long version;
  private boolean closed;

  /**
   * @param first the version before any change
   */
  Watchers(long first) {
    this.first = first;
    version = first;
  }

  /** Whether all changes since that version are known here. */
  boolean knows(long since) {
    return since >= first;
  }

  synchronized void changed(VmName name) {
    version++;
    versions.put(name, version);
    notifyAll();
  }

  synchronized void close() {
    closed = true;
    notifyAll();
  }

  /**
   * The names that changed after {@code since} and the version up to which that is true; waits for
   * one, but no longer than said.
   */
  synchronized Changed await(Set<VmName> names, long since, Duration wait) {
    long longest = Math.min(wait.toNanos(), LONGEST_WAIT.toNanos());
    long end = System.nanoTime() + longest;
    Set<VmName> found = after(names, since);
    try {
      for (long left = longest;
          found.isEmpty() && left > 0 && !closed;
          left = end - System.nanoTime()) {
        wait(left / 1_000_000 + 1);
        found = after(names, since);
      }
    } catch (InterruptedException e) {
      // The caller is going away: it gets what there is.
      Thread.currentThread().interrupt();
    }
    return new Changed(version, found);
  }

  private Set<VmName> after(Set<VmName> names, long since) {
    Set<VmName> found = new TreeSet<>();
    versions.forEach(
        (name, at) -> {
          if (at > since && (names.isEmpty() || names.contains(name))) {
            found.add(name);
          }
        });
    return found;
  }

  record Changed(long version, Set<VmName> names) {}
}
