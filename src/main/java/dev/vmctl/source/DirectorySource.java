package dev.vmctl.source;

import dev.vmctl.model.SourceId;
import java.nio.file.Path;

public record DirectorySource(Path dir) implements Source {
  public SourceId id() {
    return SourceId.directory(dir);
  }

  public Snapshot read() {
    throw new UnsupportedOperationException();
  }
}
