package dev.vmctl.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * A VM that vmctl lets go.
 *
 * @param state {@code running}, {@code suspended} or {@code stopped}: so it stays
 * @param pid of its process; null when it does not run
 * @param files where its files are, which stay there: its directory, and disks elsewhere
 */
public record ReleaseView(String name, String state, @Nullable Long pid, List<String> files) {
  public ReleaseView {
    files = List.copyOf(files);
  }
}
