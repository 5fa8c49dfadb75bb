package dev.vmctl.image;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.vmctl.host.AtomicFiles;
import dev.vmctl.host.Log;
import dev.vmctl.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import org.jspecify.annotations.Nullable;

/**
 * Remembers the digest each source had. Losing an entry costs one more import, so one that cannot
 * be read counts as lost.
 */
final class ImageIndex {
  private static final System.Logger LOG = Log.of(ImageIndex.class);
  private static final int FORMAT = 1;

  /**
   * @param source for people to read; a URL without its secrets
   * @param file which file this was, for a local source
   * @param etag the server's tag, for a URL
   * @param lastModified the server's date, for a URL, as it wrote it
   * @param published digest of what was transferred, before it was decompressed or converted
   * @param checksum as it was declared and found right
   * @param inputs what it was built from, for a build
   * @param name given by a person
   */
  record Entry(
      int format,
      String source,
      String digest,
      Instant importedAt,
      @Nullable FileIdentity file,
      @Nullable String etag,
      @Nullable String lastModified,
      @Nullable String published,
      @Nullable String checksum,
      @Nullable Inputs inputs,
      @Nullable String name) {

    static Entry ofFile(
        String source,
        String digest,
        Instant now,
        FileIdentity file,
        String published,
        @Nullable String checksum) {
      return new Entry(
          FORMAT, source, digest, now, file, null, null, published, checksum, null, null);
    }

    static Entry ofUrl(
        String source,
        String digest,
        Instant now,
        @Nullable Validators validators,
        String published,
        @Nullable String checksum) {
      return new Entry(
          FORMAT,
          source,
          digest,
          now,
          null,
          validators == null ? null : validators.etag(),
          validators == null ? null : validators.lastModified(),
          published,
          checksum,
          null,
          null);
    }

    static Entry ofBuild(String source, String digest, Instant now, Inputs inputs) {
      return new Entry(FORMAT, source, digest, now, null, null, null, null, null, inputs, null);
    }

    static Entry ofName(String source, String digest, Instant now, String name) {
      return new Entry(FORMAT, source, digest, now, null, null, null, null, null, null, name);
    }

    Entry withChecksum(@Nullable String declared) {
      return new Entry(
          format,
          source,
          digest,
          importedAt,
          file,
          etag,
          lastModified,
          published,
          declared,
          inputs,
          name);
    }

    /** Whether it was found to be what this demands, or can be seen to be. */
    boolean isVerified(@Nullable String declared) {
      return Checksum.of(declared)
          .map(
              demand ->
                  demand
                      .digest()
                      .map(wanted -> wanted.equals(digest) || wanted.equals(published))
                      .orElseGet(() -> demand.text().equals(checksum)))
          .orElse(true);
    }
  }

  /**
   * What an image was built from.
   *
   * @param stamps tells without reading them that files are the same as they were
   * @param digest of their content
   */
  record Inputs(String stamps, String digest) {}

  private final CacheLayout layout;

  ImageIndex(CacheLayout layout) {
    this.layout = layout;
  }

  Optional<Entry> get(String key) {
    Path file = layout.index(key);
    try {
      Entry entry = Json.mapper().readValue(Files.readAllBytes(file), Entry.class);
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

  /** Every entry that can be read, by key. */
  Map<String, Entry> all() {
    Map<String, Entry> entries = new TreeMap<>();
    try (var files = Files.newDirectoryStream(layout.indexes(), "*.json")) {
      for (Path file : files) {
        String name = file.getFileName().toString();
        String key = name.substring(0, name.length() - ".json".length());
        get(key).ifPresent(entry -> entries.put(key, entry));
      }
    } catch (NoSuchFileException e) {
      return Map.of();
    } catch (IOException e) {
      throw AtomicFiles.failure("list", layout.indexes(), e);
    }
    return entries;
  }

  void remove(String key) {
    ImageStore.discard(layout.index(key));
  }

  void put(String key, Entry entry) {
    Path file = layout.index(key);
    try {
      AtomicFiles.write(file, Json.mapper().writeValueAsBytes(entry), AtomicFiles.Access.OWNER);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("an index entry is always JSON", e);
    }
  }
}
