package dev.vmctl.model;

import java.util.Objects;

/**
 * Where in a repository VMFiles are, as people write it on a command line: {@code
 * URL[#BRANCH[:PATH]]}. Nothing of it is checked.
 *
 * @param branch empty where none is written
 * @param path of a directory; empty where none is written
 */
public record RepositoryPlace(String url, String branch, String path) {
  public RepositoryPlace {
    Objects.requireNonNull(url);
    Objects.requireNonNull(branch);
    Objects.requireNonNull(path);
  }

  public static RepositoryPlace parse(String text) {
    String[] parts = text.split("#", 2);
    String[] place = (parts.length == 1 ? "" : parts[1]).split(":", 2);
    return new RepositoryPlace(parts[0], place[0], place.length == 1 ? "" : place[1]);
  }

  /** Whether this is how a repository is written, not a directory. */
  public static boolean isWritten(String text) {
    return text.contains("://") || text.matches("[^/]+@[^/]+:.+");
  }

  /** Who follows the same files has the same VMs. */
  public SourceId id() {
    return SourceId.git(
        url + (branch.isEmpty() ? "" : "#" + branch) + (path.isEmpty() ? "" : ":" + path));
  }

  /** What people call it where they do not say: the last part of its URL. */
  public String name() {
    return url.replaceFirst("/+$", "").replaceFirst("\\.git$", "").replaceFirst(".*[/:]", "");
  }
}
