package dev.vmctl.plan;

import dev.vmctl.model.VmSpec;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * All that a plan follows from.
 *
 * @param desired what is declared
 * @param desiredDisk the disk it should run on
 * @param applied what was declared when it was applied last; null when nothing was made yet
 * @param appliedDisk the disk that there is; null when there is none
 * @param current whether the generation that is declared is the one that was applied
 * @param seen what its hypervisor says
 * @param power what it should be doing
 * @param removal whether it is to be removed
 * @param settled whether disruptive changes may be made now
 * @param mayStart whether a guest that does not run should be started (false: it ended by its own
 *     will, and its restart policy says to leave it)
 * @param ready whether this run of the guest was seen ready
 * @param provisionNeeded whether the declared steps have not been dealt with on this disk
 * @param can what can be changed without a stop
 * @param saved whether the guest's memory is kept within its disks, to go on from
 * @param task what is to be done with a snapshot, in words; empty for nothing
 */
public record Situation(
    VmSpec desired,
    UUID desiredDisk,
    @Nullable VmSpec applied,
    @Nullable UUID appliedDisk,
    boolean current,
    Seen seen,
    Power power,
    boolean removal,
    boolean settled,
    boolean mayStart,
    boolean ready,
    boolean provisionNeeded,
    Ability can,
    boolean saved,
    String task) {

  /** What the hypervisor says. */
  public enum Seen {
    ABSENT,
    RUNNING,
    SUSPENDED,
    EXITED,
    UNKNOWN
  }

  /** What a VM should be doing. */
  public enum Power {
    RUNNING,
    STOPPED,
    SUSPENDED,
    SUSPENDED_TO_DISK
  }

  public Situation {
    Objects.requireNonNull(desired);
    Objects.requireNonNull(desiredDisk);
    Objects.requireNonNull(seen);
    Objects.requireNonNull(power);
    Objects.requireNonNull(can);
    Objects.requireNonNull(task);
    if ((applied == null) != (appliedDisk == null)) {
      throw new IllegalArgumentException("what was applied has a disk, and only that");
    }
  }
}
