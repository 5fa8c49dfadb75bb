package dev.vmctl.store;

import dev.vmctl.host.AtomicFiles;
import dev.vmctl.json.Json;
import dev.vmctl.json.RecordReader;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The past generations of the VMs, a file each, the newest {@value #MOST} of a VM. One is written
 * before the record that follows it: a crash leaves at worst one that is in force still, and is
 * written again.
 */
final class GenerationFiles {
  /** So many are kept of a VM, as Kubernetes keeps of what is rolled out, twice. */
  static final int MOST = 20;

  private static final String SUFFIX = ".json";

  private final DataDirectory data;

  GenerationFiles(DataDirectory data) {
    this.data = data;
  }

  /** Keeps one durably, and lets the oldest go. */
  void keep(VmName name, PastGeneration past) {
    Path directory = data.history(name);
    Path file = directory.resolve(past.generation() + SUFFIX);
    try {
      if (!Files.isDirectory(directory)) {
        Files.createDirectories(
            directory,
            PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
        AtomicFiles.syncDirectory(data.vm(name));
      }
      byte[] content = Json.mapper().writerWithDefaultPrettyPrinter().writeValueAsBytes(past);
      AtomicFiles.write(file, content, AtomicFiles.Access.OWNER);
      List<Long> kept = generations(directory);
      for (long old : kept.subList(0, Math.max(0, kept.size() - MOST))) {
        Files.deleteIfExists(directory.resolve(old + SUFFIX));
      }
    } catch (IOException e) {
      throw AtomicFiles.failure("write", file, e);
    }
  }

  /**
   * Those that are kept, the oldest first, under the name that the VM has now.
   *
   * @throws VmException store.corrupt when one cannot be understood
   */
  List<PastGeneration> of(VmName name) {
    Path directory = data.history(name);
    List<PastGeneration> all = new ArrayList<>();
    try {
      for (long generation : generations(directory)) {
        all.add(read(name, directory.resolve(generation + SUFFIX)));
      }
      return all;
    } catch (IOException e) {
      throw AtomicFiles.failure("read", directory, e);
    }
  }

  private PastGeneration read(VmName name, Path file) throws IOException {
    byte[] content = Files.readAllBytes(file);
    try {
      Map<String, @Nullable Object> past = RecordReader.object(content);
      FileVmStore.nameSpec(past, name);
      return RecordReader.read(PastGeneration.class, past);
    } catch (IOException e) {
      throw new VmException(
          ErrorCode.STORE_CORRUPT,
          "cannot understand "
              + file
              + ": "
              + String.valueOf(e.getMessage()).lines().findFirst().orElse(""),
          "the VM itself is not concerned; move the file away to see its other generations",
          e);
    }
  }

  private static List<Long> generations(Path directory) throws IOException {
    try (Stream<Path> files = Files.list(directory)) {
      return files
          .map(file -> file.getFileName().toString())
          .filter(name -> name.matches("[0-9]{1,18}\\.json"))
          .map(name -> Long.parseLong(name.substring(0, name.length() - SUFFIX.length())))
          .sorted(Comparator.naturalOrder())
          .toList();
    } catch (NoSuchFileException none) {
      return List.of();
    }
  }
}
