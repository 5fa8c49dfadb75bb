package dev.vmctl.store;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.vmctl.host.AtomicFiles;
import dev.vmctl.json.Json;
import dev.vmctl.model.SourceId;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;

/** Which directory each watched source is, in one file: so that a daemon knows it from the last. */
final class SourceIdentities {
  private final Path file;

  SourceIdentities(Path file) {
    this.file = file;
  }

  synchronized Optional<String> of(SourceId source) {
    return Optional.ofNullable(read().get(source.location()));
  }

  synchronized void keep(SourceId source, String identity) {
    Map<String, String> all = read();
    all.put(source.location(), identity);
    try {
      AtomicFiles.write(
          file,
          Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(all),
          AtomicFiles.Access.OWNER);
    } catch (IOException e) {
      throw AtomicFiles.failure("write", file, e);
    }
  }

  private Map<String, String> read() {
    try {
      return Files.exists(file)
          ? Json.mapper().readValue(file.toFile(), new TypeReference<TreeMap<String, String>>() {})
          : new TreeMap<>();
    } catch (IOException e) {
      throw AtomicFiles.failure("read", file, e);
    }
  }
}
