package dev.vmctl.cli;

import dev.vmctl.model.BackendTag;
import dev.vmctl.model.Diagnostic;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmSpec;
import dev.vmctl.source.Snapshot;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Reads VMFiles for the commands that take one. */
interface VmFiles {
  /** What one VMFile declares; the findings are in the snapshot. */
  Snapshot read(Path file);

  /**
   * All there is to say of these VMFiles, each and together, and of the files they name being
   * there.
   *
   * @param usual the backend of a VM that declares none; null when that is of no interest
   */
  List<Diagnostic> check(List<Path> files, @Nullable BackendTag usual);

  /**
   * Refuses what a VMFile could not declare, and an image of this host that no disk can stand on.
   *
   * @throws VmException usage, image.invalid, image.unsupported, …
   */
  void require(VmSpec spec);

  /** The VMFiles directly in a directory, as a daemon watching it would take them. */
  List<Path> find(Path directory);

  /** A finding with the lines it is about, for people. */
  String render(Diagnostic diagnostic, boolean colour);
}
