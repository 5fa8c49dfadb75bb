package dev.vmctl.vmfile;

import dev.vmctl.model.Diagnostic;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a VMFile says.
 *
 * @param path absolute
 * @param stamp what the file system said when it was read; null when it could not be read, or was
 *     not read from disk
 * @param declarations its VMs in order, no name twice; none when there is an error
 * @param diagnostics errors and warnings in the order of the file
 */
public record VmFile(
    Path path,
    @Nullable FileStamp stamp,
    List<DeclaredVm> declarations,
    List<Diagnostic> diagnostics) {
  public VmFile {
    Objects.requireNonNull(path);
    declarations = List.copyOf(declarations);
    diagnostics = List.copyOf(diagnostics);
    if (!declarations.isEmpty() && diagnostics.stream().anyMatch(Diagnostic::isError)) {
      throw new IllegalArgumentException("a file with errors declares nothing: " + path);
    }
  }

  /** Whether it may be used: it has no error. */
  public boolean isUsable() {
    return diagnostics.stream().noneMatch(Diagnostic::isError);
  }
}
