package dev.vmctl.vmfile;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;
import org.junit.jupiter.api.io.TempDir;

/**
 * Searches, guided by coverage, for bytes that {@link FuzzTarget} fails for: for 10 seconds, or for
 * {@code -Dvmctl.fuzz} seconds. What was found once is kept in {@code src/test/resources/fuzz} and
 * tried first.
 */
class FuzzIT {
  private static final Path INPUTS =
      Path.of(System.getProperty("vmctl.basedir", "")).resolve("src/test/resources/fuzz");

  @TempDir private Path directory;

  @TestFactory
  Stream<DynamicTest> whatWasFoundBeforeHolds() throws IOException {
    try (Stream<Path> files = Files.list(INPUTS)) {
      return files.sorted().toList().stream()
          .map(
              file ->
                  DynamicTest.dynamicTest(
                      file.getFileName().toString(),
                      () -> FuzzTarget.fuzzerTestOneInput(Files.readAllBytes(file))));
    }
  }

  @Test
  void nothingIsFoundForAWhile() throws IOException, InterruptedException {
    Path corpus = Files.createDirectory(directory.resolve("corpus"));
    Path log = directory.resolve("log");
    // In a process of its own: Jazzer changes every class that is loaded.
    Process jazzer =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "-XX:+EnableDynamicAgentLoading",
                "-cp",
                classPath(),
                "com.code_intelligence.jazzer.Jazzer",
                "--target_class=" + FuzzTarget.class.getName(),
                "--instrumentation_includes=dev.vmctl.**",
                "--disabled_hooks=com.code_intelligence.jazzer.sanitizers.*",
                "-max_total_time=" + System.getProperty("vmctl.fuzz", "10"),
                "-max_len=2048",
                "-artifact_prefix=" + directory + "/",
                corpus.toString(),
                INPUTS.toString())
            .directory(directory.toFile())
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();

    int code = jazzer.waitFor();

    assertThat(code).as(() -> read(log)).isZero();
    assertThat(read(log)).contains("Done ");
  }

  private static String classPath() {
    return Objects.requireNonNullElse(
        System.getProperty("surefire.test.class.path"),
        Objects.requireNonNull(System.getProperty("java.class.path")));
  }

  private static String read(Path log) {
    try {
      return Files.readString(log);
    } catch (IOException e) {
      return e.toString();
    }
  }
}
