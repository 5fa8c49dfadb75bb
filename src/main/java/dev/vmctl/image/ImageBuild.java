package dev.vmctl.image;

import dev.vmctl.host.AtomicFiles;
import dev.vmctl.host.HostLock;
import dev.vmctl.host.HostProcesses;
import dev.vmctl.host.ToolResult;
import dev.vmctl.host.ToolRun;
import dev.vmctl.image.ImageIndex.Entry;
import dev.vmctl.image.ImageIndex.Inputs;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Images that a program of this host makes. It is run as {@code build OUTPUT_DIR} and writes {@code
 * root.qcow2} there (or {@code root.raw}, {@code image.qcow2}, {@code image.raw}); again only when
 * the content of its files has changed.
 */
final class ImageBuild {
  private static final Duration LONGEST = Duration.ofHours(2);
  private static final List<String> RESULTS =
      List.of("root.qcow2", "root.raw", "image.qcow2", "image.raw");
  private static final int LINES_SHOWN = 5;

  private final CacheLayout layout;
  private final ImageStore store;
  private final ImageIndex index;
  private final Clock clock;
  private final HostProcesses processes;
  private final LocalCopy copy;

  ImageBuild(
      CacheLayout layout,
      ImageStore store,
      ImageIndex index,
      Clock clock,
      HostProcesses processes) {
    this.layout = layout;
    this.store = store;
    this.index = index;
    this.clock = clock;
    this.processes = processes;
    this.copy = new LocalCopy(clock);
  }

  Optional<CachedImage> lookup(ImageSource.Build source) {
    try {
      String stamps = BuildInputs.of(source.path()).stamps();
      return index
          .get(CacheLayout.key(source.text()))
          .filter(entry -> entry.inputs() != null && entry.inputs().stamps().equals(stamps))
          .flatMap(entry -> store.byDigest(entry.digest()));
    } catch (VmException e) {
      // Gone or unreadable: the build says which.
      return Optional.empty();
    }
  }

  CachedImage run(ImageSource.Build source, ImportTask task) throws InterruptedException {
    String key = CacheLayout.key(source.text());
    try (HostLock _ = store.lock(key, task)) {
      BuildInputs files = BuildInputs.of(source.path());
      Inputs inputs = new Inputs(files.stamps(), files.digest());
      Optional<CachedImage> known =
          index
              .get(key)
              .filter(
                  entry ->
                      entry.inputs() != null && entry.inputs().digest().equals(inputs.digest()))
              .flatMap(entry -> store.byDigest(entry.digest()));
      CachedImage image = known.isPresent() ? known.get() : build(source, files, key, task);
      index.put(key, Entry.ofBuild(source.text(), image.digest(), clock.instant(), inputs));
      return image;
    }
  }

  private CachedImage build(
      ImageSource.Build source, BuildInputs files, String key, ImportTask task)
      throws InterruptedException {
    Path output = layout.build(key);
    Path part = layout.part(key);
    try {
      deleteTree(output);
      Files.createDirectories(output);
      task.report("building", 0, -1);
      ToolResult result =
          processes.run(
              new ToolRun(List.of(files.program().toString(), output.toString()), LONGEST));
      if (!result.succeeded()) {
        throw failed(files.program() + " failed with exit code " + result.exitCode() + end(result));
      }
      Path built =
          RESULTS.stream()
              .map(output::resolve)
              .filter(Files::isRegularFile)
              .findFirst()
              .orElseThrow(() -> failed(files.program() + " wrote no root.qcow2" + end(result)));
      LocalCopy.Copied copied = copy.copy(built, part, task);
      return store.publish(part, copied.digest(), source.text());
    } catch (VmException useless) {
      if (!useless.getMessage().contains(output.toString())) {
        throw useless;
      }
      // Where it wrote is deleted at once, and names nothing to anybody.
      throw new VmException(
          useless.code(),
          "of " + source.path() + ": " + useless.getMessage().replace(output + "/", "the built "),
          "mend " + files.program(),
          useless);
    } catch (IOException e) {
      throw AtomicFiles.failure("build an image in", output, e);
    } finally {
      ImageStore.discard(part);
      discard(output);
    }
  }

  private static void discard(Path output) {
    try {
      deleteTree(output);
    } catch (IOException e) {
      throw AtomicFiles.failure("delete", output, e);
    }
  }

  private static String end(ToolResult result) {
    List<String> lines = result.errors().strip().lines().toList();
    String last =
        String.join("\n", lines.subList(Math.max(0, lines.size() - LINES_SHOWN), lines.size()));
    return last.isEmpty() ? "" : ": " + last;
  }

  private static VmException failed(String message) {
    return new VmException(
        ErrorCode.IMAGE_BUILD_FAILED,
        message,
        "run it by hand with a directory for its output: BUILD /tmp/output");
  }

  static void deleteTree(Path root) throws IOException {
    if (!Files.exists(root)) {
      return;
    }
    try (Stream<Path> below = Files.walk(root)) {
      for (Path file : below.sorted(Comparator.reverseOrder()).toList()) {
        Files.delete(file);
      }
    }
  }
}
