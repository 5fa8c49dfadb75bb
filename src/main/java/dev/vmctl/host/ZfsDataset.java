package dev.vmctl.host;

import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * A dataset of ZFS.
 *
 * @param name such as {@code rpool/vmctl/disks/web-6f2c1d34}; a snapshot has an {@code @} in it
 * @param volumeBytes size of a volume in bytes; 0 for what has none
 * @param usedBytes what it takes of its pool with all below it, snapshots too
 * @param origin the snapshot it was cloned from; empty when it is no clone
 * @param marks our properties that were set on this very dataset, not inherited: by {@link ZfsMark}
 *     key
 */
public record ZfsDataset(
    String name,
    Kind kind,
    long volumeBytes,
    long usedBytes,
    String origin,
    Map<String, String> marks) {
  /** What a dataset is. */
  public enum Kind {
    FILESYSTEM,
    VOLUME,
    SNAPSHOT
  }

  public ZfsDataset {
    Objects.requireNonNull(name);
    Objects.requireNonNull(kind);
    Objects.requireNonNull(origin);
    marks = Map.copyOf(marks);
  }

  /** The image it holds, by digest; empty when it holds none of ours. */
  public Optional<String> image() {
    return Optional.ofNullable(marks.get(ZfsMark.IMAGE));
  }

  /** Whether it carries this mark itself. */
  public boolean bears(ZfsMark mark) {
    return mark.value().equals(marks.get(mark.key()));
  }
}
