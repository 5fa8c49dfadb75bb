package dev.vmctl.source;

import dev.vmctl.model.Declaration;
import dev.vmctl.model.Diagnostic;
import dev.vmctl.vmfile.DeclaredVm;
import java.nio.file.Path;
import java.util.List;

/**
 * One file of a source with its inputs.
 *
 * @param declarations none if the file is broken
 */
record LoadedFile(
    Path path, boolean broken, List<Loaded> declarations, List<Diagnostic> diagnostics) {
  /** A declaration, and the VM it was made from. */
  record Loaded(Declaration declaration, DeclaredVm vm) {}
}
