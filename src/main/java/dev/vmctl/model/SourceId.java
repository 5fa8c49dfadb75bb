package dev.vmctl.model;

import java.nio.file.Path;
import java.util.Objects;

/**
 * Where a VM's declaration comes from. A VM belongs to one source.
 *
 * @param location canonical path of the directory or file; URL, branch and path of a repository,
 *     without credentials; {@code cli} for VMs made by hand
 */
public record SourceId(Kind kind, String location) {
  /** The kinds of source. */
  public enum Kind {
    /** A watched directory: edits and removals follow by themselves. */
    DIRECTORY,
    /** A VMFile applied by {@code up}: edits count at the next {@code up}. */
    FILE,
    /** A branch of a Git repository: its commits follow by themselves. */
    GIT,
    /** {@code create} and its like. */
    CLI
  }

  public SourceId {
    Objects.requireNonNull(kind);
    Objects.requireNonNull(location);
  }

  public static SourceId directory(Path canonical) {
    return new SourceId(Kind.DIRECTORY, canonical.toString());
  }

  public static SourceId file(Path canonical) {
    return new SourceId(Kind.FILE, canonical.toString());
  }

  /**
   * @param location of a repository, see {@link #location}
   */
  public static SourceId git(String location) {
    return new SourceId(Kind.GIT, location);
  }

  public static SourceId cli() {
    return new SourceId(Kind.CLI, "cli");
  }

  /** Of a VM that came back from the trash: nobody declares it, whoever does so next has it. */
  public static SourceId restored() {
    return new SourceId(Kind.CLI, "restored");
  }

  /** As shown to people. */
  @Override
  public String toString() {
    return location;
  }
}
