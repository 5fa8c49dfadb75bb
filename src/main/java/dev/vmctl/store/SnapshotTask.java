package dev.vmctl.store;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What somebody wants to have done with a snapshot. It is taken off the record when it is done; one
 * that has failed stays, so that whoever asked learns why, and is not tried again.
 *
 * @param name of the snapshot
 * @param memory whether the guest's memory is part of it
 * @param start whether the VM is to run afterwards
 * @param aside the name under which the present is kept before it is given up; null when it is not
 * @param failure null until it has failed
 */
public record SnapshotTask(
    Kind kind,
    String name,
    boolean memory,
    boolean start,
    @Nullable String aside,
    Instant at,
    @Nullable Failure failure) {
  /** What is to be done. */
  public enum Kind {
    CREATE,
    RESTORE,
    DELETE,
    /** To suspend the guest to disk; only ever one that has failed. */
    SUSPEND
  }

  public SnapshotTask {
    Objects.requireNonNull(kind);
    Objects.requireNonNull(name);
    Objects.requireNonNull(at);
  }

  public boolean isPending() {
    return failure == null;
  }

  /** A guest could not be suspended to disk. */
  public static SnapshotTask notSuspended(Instant at, Failure why) {
    return new SnapshotTask(Kind.SUSPEND, "", true, false, null, at, why);
  }

  public SnapshotTask failed(Failure why) {
    return new SnapshotTask(kind, name, memory, start, aside, at, why);
  }

  /** For people. */
  public String text() {
    return switch (kind) {
      case CREATE -> "taking the snapshot '" + name + "'";
      case RESTORE -> "going back to the snapshot '" + name + "'";
      case DELETE -> "deleting the snapshot '" + name + "'";
      case SUSPEND -> "suspending to disk";
    };
  }
}
