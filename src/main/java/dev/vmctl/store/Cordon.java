package dev.vmctl.store;

import dev.vmctl.host.AtomicFiles;
import dev.vmctl.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Optional;

/**
 * Whether somebody has cordoned this host off: then nothing comes up on it that was down. A file of
 * its own, which survives daemons and boots.
 */
public final class Cordon {
  private final Path file;

  public Cordon(DataDirectory data) {
    this.file = data.cordon();
  }

  /**
   * @param at since when
   * @param reason in the words of whoever did it; may be empty
   */
  public record Kept(Instant at, String reason) {
    public String text() {
      return "cordoned since " + at + (reason.isEmpty() ? "" : " (" + reason + ")");
    }
  }

  /**
   * @throws dev.vmctl.model.VmException io when it cannot be told
   */
  public Optional<Kept> read() {
    try {
      return Optional.of(Json.mapper().readValue(Files.readAllBytes(file), Kept.class));
    } catch (NoSuchFileException none) {
      return Optional.empty();
    } catch (IOException e) {
      throw AtomicFiles.failure("read", file, e);
    }
  }

  /** Cordons off; the first time and reason stand. */
  public synchronized boolean set(Instant at, String reason) {
    if (read().isPresent()) {
      return false;
    }
    try {
      AtomicFiles.write(
          file, Json.mapper().writeValueAsBytes(new Kept(at, reason)), AtomicFiles.Access.OWNER);
      return true;
    } catch (IOException e) {
      throw AtomicFiles.failure("write", file, e);
    }
  }

  /**
   * @return whether there was one
   */
  public synchronized boolean lift() {
    try {
      return Files.deleteIfExists(file);
    } catch (IOException e) {
      throw AtomicFiles.failure("delete", file, e);
    }
  }
}
