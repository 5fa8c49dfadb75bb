package dev.vmctl.image;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.vmctl.host.AtomicFiles;
import dev.vmctl.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Remembers the digest each source had. Losing an entry costs one more import, so one that cannot
 * be read counts as lost.
 */
final class ImageIndex {
  private static final System.Logger LOG = System.getLogger(ImageIndex.class.getName());
  private static final int FORMAT = 1;

  /**
   * @param source for people to read; a URL without its secrets
   * @param file which file this was, for a local source
   * @param etag the server's tag, for a URL
   * @param lastModified the server's date, for a URL, as it wrote it
   */
  record Entry(
      int format,
      String source,
      String digest,
      Instant importedAt,
      @Nullable FileIdentity file,
      @Nullable String etag,
      @Nullable String lastModified) {

    static Entry ofFile(String source, String digest, Instant now, FileIdentity file) {
      return new Entry(FORMAT, source, digest, now, file, null, null);
    }

    static Entry ofUrl(
        String source,
        String digest,
        Instant now,
        @Nullable String etag,
        @Nullable String lastModified) {
      return new Entry(FORMAT, source, digest, now, null, etag, lastModified);
    }
  }

  private final CacheLayout layout;
  private final ObjectMapper mapper = Json.mapper();

  ImageIndex(CacheLayout layout) {
    this.layout = layout;
  }

  Optional<Entry> get(String key) {
    Path file = layout.index(key);
    try {
      Entry entry = mapper.readValue(Files.readAllBytes(file), Entry.class);
      return entry.format() == FORMAT ? Optional.of(entry) : Optional.empty();
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      LOG.log(
          System.Logger.Level.WARNING,
          "unreadable entry of the image index: {0}: {1}",
          file,
          e.getMessage());
      return Optional.empty();
    }
  }

  void put(String key, Entry entry) {
    Path file = layout.index(key);
    try {
      AtomicFiles.write(file, mapper.writeValueAsBytes(entry), AtomicFiles.Access.OWNER);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("an index entry is always JSON", e);
    }
  }
}
