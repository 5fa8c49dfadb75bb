package dev.vmctl.cli;

import dev.vmctl.model.Diagnostic;
import dev.vmctl.source.Snapshot;
import java.nio.file.Path;
import java.util.List;

/** Reads VMFiles through the rooms that own them. */
final class SourceVmFiles implements VmFiles {
  @Override
  public Snapshot read(Path file) {
    throw new UnsupportedOperationException();
  }

  @Override
  public List<Path> find(Path directory) {
    throw new UnsupportedOperationException();
  }

  @Override
  public String render(Diagnostic diagnostic, boolean colour) {
    throw new UnsupportedOperationException();
  }
}
