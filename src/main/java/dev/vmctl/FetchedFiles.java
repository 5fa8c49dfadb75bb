package dev.vmctl;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmctl.host.AtomicFiles;
import dev.vmctl.host.FileTrees;
import dev.vmctl.json.Json;
import dev.vmctl.model.SourceId;
import dev.vmctl.model.VmException;
import dev.vmctl.source.git.GitRepository;
import dev.vmctl.store.DataDirectory;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.util.Collection;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/**
 * What was fetched of repositories, a directory for each. Of one that was removed a mark beside it
 * says so: it goes when no VM names a file of it any more, its kernel or a script, also none in the
 * trash, which may come back.
 */
final class FetchedFiles {
  private static final String REMOVED = ".removed";

  private final DataDirectory data;

  FetchedFiles(DataDirectory data) {
    this.data = data;
  }

  Path of(SourceId repository) {
    return data.remoteSources().resolve(GitRepository.digest(repository));
  }

  /** Nobody follows it any more. */
  void mark(SourceId repository) {
    Path files = of(repository);
    if (Files.exists(files, LinkOption.NOFOLLOW_LINKS)) {
      AtomicFiles.write(mark(files), repository + "\n", AtomicFiles.Access.OWNER);
    }
  }

  private static Path mark(Path files) {
    return files.resolveSibling(files.getFileName() + REMOVED);
  }

  /**
   * Deletes what is marked and needed by no VM.
   *
   * @param followed repositories that are, so that a mark of theirs is void
   * @param busy what may still be written to, and waits for the next time
   * @param failed told what cannot be deleted
   */
  void sweep(Set<SourceId> followed, Collection<Path> busy, Consumer<VmException> failed) {
    Set<Path> inUse = followed.stream().map(this::of).collect(Collectors.toSet());
    for (Path mark : entries(data.remoteSources())) {
      String name = String.valueOf(mark.getFileName());
      Path files = mark.resolveSibling(name.replace(REMOVED, ""));
      if (!name.endsWith(REMOVED) || busy.contains(files)) {
        continue;
      }
      try {
        if (inUse.contains(files)) {
          Files.delete(mark);
        } else if (!isNeeded(files)) {
          FileTrees.delete(files);
          Files.delete(mark);
        }
      } catch (IOException e) {
        failed.accept(AtomicFiles.failure("delete", files, e));
      } catch (VmException e) {
        failed.accept(e);
      }
    }
  }

  /** By what is declared of a VM; else by what was, to which it may be rolled back: far more. */
  private boolean isNeeded(Path files) {
    List<Path> places =
        Stream.of(data.vms(), data.trash()).flatMap(each -> entries(each).stream()).toList();
    return Stream.concat(
            places.stream().map(place -> place.resolve("vm.json")).filter(Files::exists),
            places.stream().flatMap(place -> entries(place.resolve("history")).stream()))
        .anyMatch(record -> names(record, files + "/"));
  }

  private static boolean names(Path record, String files) {
    try {
      return names(Json.mapper().readTree(Files.readAllBytes(record)), files);
    } catch (IOException e) {
      throw AtomicFiles.failure("read", record, e);
    }
  }

  private static boolean names(JsonNode value, String files) {
    return value.asText().contains(files)
        || (value.isArray() && value.valueStream().anyMatch(each -> names(each, files)))
        || value
            .propertyStream()
            // Where it was declared is told to people only.
            .filter(each -> !each.getKey().equals("declaredAt"))
            .anyMatch(each -> names(each.getValue(), files));
  }

  private static List<Path> entries(Path directory) {
    if (!Files.isDirectory(directory)) {
      return List.of();
    }
    try (Stream<Path> entries = Files.list(directory)) {
      return entries.toList();
    } catch (IOException e) {
      throw AtomicFiles.failure("list", directory, e);
    }
  }
}
