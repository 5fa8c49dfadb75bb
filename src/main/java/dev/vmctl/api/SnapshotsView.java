package dev.vmctl.api;

import dev.vmctl.api.VmStatus.Failure;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * The snapshots of a VM, the oldest first.
 *
 * @param busy what is being done with one of them, in words; null when nothing is
 * @param failure why what was asked for last was not done; null when it was
 */
public record SnapshotsView(
    String vm, List<SnapshotView> snapshots, @Nullable String busy, @Nullable Failure failure) {
  public SnapshotsView {
    snapshots = List.copyOf(snapshots);
  }
}
