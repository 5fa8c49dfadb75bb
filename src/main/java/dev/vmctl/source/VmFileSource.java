package dev.vmctl.source;

import dev.vmctl.model.SourceId;
import dev.vmctl.source.Snapshot.Trust;
import dev.vmctl.vmfile.FileStamp;
import dev.vmctl.vmfile.VmFileReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * One VMFile, as {@code up} takes it. Its identity is that of the directory it stands in: editors
 * replace the file itself at every save.
 */
public final class VmFileSource implements Source {
  private final Path file;
  private final SourceId id;
  private final FileLoader loader;

  /**
   * A source that need not exist yet.
   *
   * @param clock tells how long ago a file was changed; must be the clock of the file systems
   */
  public VmFileSource(Path file, VmFileReader reader, InstantSource clock) {
    this.file = CanonicalPath.of(file);
    this.id = SourceId.file(this.file);
    this.loader = new FileLoader(reader, clock);
  }

  @Override
  public SourceId id() {
    return id;
  }

  /** The file, by its canonical name. */
  public Path file() {
    return file;
  }

  @Override
  public synchronized Snapshot read() {
    if (Files.notExists(file, LinkOption.NOFOLLOW_LINKS)) {
      return unknown("it does not exist");
    }
    String identity;
    try {
      identity = FileStamp.of(Objects.requireNonNullElse(file.getParent(), file)).identity();
    } catch (IOException e) {
      return unknown("its directory cannot be read: " + e.getMessage());
    }
    LoadedFile loaded = loader.load(List.of(file)).getFirst();
    return new Snapshot(
        id,
        loaded.broken() ? Trust.PARTIAL : Trust.COMPLETE,
        "",
        identity,
        loaded.declarations().stream().map(LoadedFile.Loaded::declaration).toList(),
        loaded.broken() ? Set.of(file) : Set.of(),
        Set.of(file),
        loaded.diagnostics());
  }

  private Snapshot unknown(String why) {
    return new Snapshot(id, Trust.UNKNOWN, why, "", List.of(), Set.of(), Set.of(), List.of());
  }
}
