package dev.vmctl.vmfile;

import dev.vmctl.model.Diagnostic;
import java.nio.file.Path;

/** A file of the host that a VMFile names. */
public final class DeclaredFile {
  private final Spot spot;
  private final String field;
  private final Path path;
  private final boolean contentCounts;
  private final boolean directory;

  DeclaredFile(Spot spot, String field, Path path, boolean contentCounts, boolean directory) {
    this.spot = spot;
    this.field = field;
    this.path = path;
    this.contentCounts = contentCounts;
    this.directory = directory;
  }

  /** Absolute. */
  public Path path() {
    return path;
  }

  /** Path of the node that names it, such as {@code cloud-init.ssh-key}. */
  public String field() {
    return field;
  }

  /** Whether its content is part of the declaration: a change of the file is a change of the VM. */
  public boolean contentCounts() {
    return contentCounts;
  }

  /** Whether it must be a directory. */
  public boolean isDirectory() {
    return directory;
  }

  /**
   * The finding that this file cannot be had, at the place that names it.
   *
   * @param problem continues "the file …", such as "does not exist"
   */
  public Diagnostic missing(String problem, String help) {
    return spot.finding(VmFileCode.FILE_MISSING, path + " " + problem, help);
  }

  /**
   * The finding that this file may not be named, at the place that names it.
   *
   * @param problem continues "this source …"
   */
  Diagnostic notAllowed(String problem, String help) {
    return spot.finding(
        VmFileCode.NOT_ALLOWED, "this source " + problem + ": " + path.normalize(), help);
  }

  @Override
  public String toString() {
    return field + " " + path;
  }
}
