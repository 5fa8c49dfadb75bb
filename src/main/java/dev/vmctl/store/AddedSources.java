package dev.vmctl.store;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.vmctl.host.AtomicFiles;
import dev.vmctl.json.Json;
import dev.vmctl.model.AddedSource;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** The sources that were added by commands, in one file, which survives daemons and boots. */
public final class AddedSources {
  private final Path file;

  public AddedSources(DataDirectory data) {
    this.file = data.addedSources();
  }

  /**
   * In the order they were added.
   *
   * @throws dev.vmctl.model.VmException io when it cannot be told
   */
  public synchronized List<AddedSource> read() {
    try {
      return Json.mapper().readValue(Files.readAllBytes(file), new TypeReference<>() {});
    } catch (NoSuchFileException none) {
      return List.of();
    } catch (IOException e) {
      throw AtomicFiles.failure("read", file, e);
    }
  }

  public synchronized boolean has(String name) {
    return read().stream().anyMatch(each -> each.name().equals(name));
  }

  public synchronized void add(AddedSource source) {
    List<AddedSource> all = new ArrayList<>(read());
    all.add(source);
    write(all);
  }

  public synchronized void remove(String name) {
    write(read().stream().filter(each -> !each.name().equals(name)).toList());
  }

  private void write(List<AddedSource> all) {
    try {
      AtomicFiles.write(
          file,
          Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(all),
          AtomicFiles.Access.OWNER);
    } catch (IOException e) {
      throw AtomicFiles.failure("write", file, e);
    }
  }
}
