package dev.vmctl.cli;

import dev.vmctl.model.Diagnostic;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.source.Snapshot;
import java.nio.file.Path;
import java.util.List;

/** Until the reader of VMFiles has landed: says so. */
final class SourceVmFiles implements VmFiles {
  @Override
  public Snapshot read(Path file) {
    throw notYet();
  }

  @Override
  public List<Diagnostic> check(Path file) {
    throw notYet();
  }

  @Override
  public List<Path> find(Path directory) {
    throw notYet();
  }

  @Override
  public String render(Diagnostic diagnostic, boolean colour) {
    return diagnostic.place() + ": " + diagnostic.message();
  }

  private static VmException notYet() {
    return new VmException(
        ErrorCode.CAPABILITY_MISSING, "this build cannot read VMFiles", "use a later one");
  }
}
