package dev.vmctl.host;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.MountedFileSystem;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Each in a JVM of its own: JNA is loaded once and for all. */
class JnaHomeTest {
  private static final Duration LONG = Duration.ofSeconds(60);

  @TempDir Path directory;
  private Path cache;
  private Path temporary;

  @BeforeEach
  void nameThePlaces() throws Exception {
    cache = Files.createDirectory(directory.resolve("cache"));
    temporary = Files.createDirectory(directory.resolve("temporary"));
  }

  @Test
  void oneCopyIsKeptAndNothingIsLeftInTheTemporaryDirectory() throws Exception {
    assertThat(lockElsewhere()).isEqualTo("locked\n");
    List<Path> kept = files(cache);
    assertThat(kept).singleElement().asString().endsWith("/libjnidispatch.so");
    Object time = Files.getLastModifiedTime(kept.getFirst());

    assertThat(lockElsewhere()).isEqualTo("locked\n");

    assertThat(files(cache)).isEqualTo(kept);
    assertThat(Files.getLastModifiedTime(kept.getFirst())).isEqualTo(time);
    assertThat(files(temporary)).isEmpty();
  }

  @Test
  void aCopyCutShortIsReplaced() throws Exception {
    lockElsewhere();
    Path copy = files(cache).getFirst();
    byte[] whole = Files.readAllBytes(copy);
    Files.write(copy, new byte[10]);

    assertThat(lockElsewhere()).isEqualTo("locked\n");

    assertThat(copy).hasBinaryContent(whole);
  }

  @Test
  void aTemporaryDirectoryThatIsFullDoesNotMatter() throws Exception {
    try (MountedFileSystem small = MountedFileSystem.small(temporary, "4k")) {
      Files.write(small.root().resolve("filler"), new byte[4096]);
      assertThat(lockElsewhere()).isEqualTo("locked\n");
    }
  }

  @Test
  void aCacheWithoutExecutionOrSpaceLeavesTheTemporaryDirectory() throws Exception {
    try (MountedFileSystem mounted = MountedFileSystem.small(cache, "1m,noexec")) {
      assertThat(mounted.root()).isEmptyDirectory();
      assertThat(lockElsewhere()).isEqualTo("locked\n");
    }
    try (MountedFileSystem mounted = MountedFileSystem.small(cache, "16k")) {
      assertThat(mounted.root()).isEmptyDirectory();
      assertThat(lockElsewhere()).isEqualTo("locked\n");
    }
  }

  @Test
  void withNeitherTheErrorNamesBothAndWhatToDoEachTime() throws Exception {
    try (MountedFileSystem first = MountedFileSystem.small(cache, "16k");
        MountedFileSystem second = MountedFileSystem.small(temporary, "1m,noexec")) {
      String answer = lockElsewhere();

      assertThat(answer.lines())
          .hasSize(2)
          .allSatisfy(
              line ->
                  assertThat(line)
                      .startsWith("io: cannot load the native part of JNA: ")
                      .contains("failed to map segment", "no space left", "help: one of ")
                      .contains(first.root().toString(), second.root().toString(), "noexec"));
    }
  }

  private String lockElsewhere() throws Exception {
    ToolResult result =
        new LinuxHostProcesses()
            .run(
                new ToolRun(
                    List.of(
                        Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                        "--enable-native-access=ALL-UNNAMED",
                        "-XX:TieredStopAtLevel=1",
                        "-Djava.io.tmpdir=" + temporary,
                        "-cp",
                        System.getProperty("java.class.path"),
                        Lock.class.getName(),
                        directory.resolve("a.lock").toString()),
                    Map.of("XDG_CACHE_HOME", cache.toString()),
                    "",
                    LONG));
    assertThat(result.errors()).isEmpty();
    return result.output();
  }

  private static List<Path> files(Path root) throws IOException {
    try (Stream<Path> all = Files.walk(root)) {
      return new ArrayList<>(all.filter(Files::isRegularFile).toList());
    }
  }

  /** Takes a lock, or tells twice why not. */
  static final class Lock {
    public static void main(String[] arguments) {
      for (int attempt = 1; attempt <= 2; attempt++) {
        try (HostLock lock =
            new LinuxHostLocks(new LinuxHostProcesses())
                .tryAcquire(Path.of(arguments[0]), HostLock.Mode.EXCLUSIVE)
                .orElseThrow()) {
          System.out.println(Files.exists(lock.path()) ? "locked" : "no file");
          return;
        } catch (VmException e) {
          System.out.println(e.code().text() + ": " + e.getMessage() + " help: " + e.help());
        }
      }
    }
  }
}
