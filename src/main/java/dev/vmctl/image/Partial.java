package dev.vmctl.image;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.vmctl.host.AtomicFiles;
import dev.vmctl.host.Log;
import dev.vmctl.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;

/** What there is of downloads that are not complete. */
final class Partial {
  private static final System.Logger LOG = Log.of(Partial.class);

  private final CacheLayout layout;

  Partial(CacheLayout layout) {
    this.layout = layout;
  }

  Path part(String key) {
    return layout.part(key);
  }

  Path wire(String key) {
    return layout.wire(key);
  }

  /** What was begun; one that cannot be read counts as none. */
  Optional<Resume> read(String key) {
    Path file = layout.resume(key);
    try {
      return Optional.of(Json.mapper().readValue(Files.readAllBytes(file), Resume.class));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      LOG.log(System.Logger.Level.WARNING, "unreadable: {0}: {1}", file, e.getMessage());
      return Optional.empty();
    }
  }

  /** How much has arrived, bytes. */
  long bytes(String key) {
    Path wire = layout.wire(key);
    try {
      return Files.size(wire);
    } catch (NoSuchFileException e) {
      return 0;
    } catch (IOException e) {
      throw AtomicFiles.failure("read", wire, e);
    }
  }

  void write(String key, Resume resume) {
    try {
      AtomicFiles.write(
          layout.resume(key), Json.mapper().writeValueAsBytes(resume), AtomicFiles.Access.OWNER);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("this is always JSON", e);
    }
  }

  /** Forgets it. */
  void discard(String key) {
    ImageStore.discard(layout.resume(key));
    ImageStore.discard(layout.wire(key));
  }
}
