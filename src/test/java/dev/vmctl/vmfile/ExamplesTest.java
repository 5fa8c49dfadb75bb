package dev.vmctl.vmfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

class ExamplesTest {
  private static final Path EXAMPLES =
      Path.of(System.getProperty("vmctl.basedir", ".")).resolve("examples");

  @TestFactory
  List<DynamicTest> everyExampleIsValid() throws IOException {
    VmFileReader reader = new VmFileReader(Path.of("/home/ann"));
    try (Stream<Path> files = Files.walk(EXAMPLES)) {
      List<DynamicTest> tests =
          files
              .filter(file -> VmFileDiscovery.isVmFileName(file.getFileName().toString()))
              .sorted()
              .map(
                  file ->
                      dynamicTest(
                          EXAMPLES.relativize(file).toString(),
                          () -> assertThat(reader.read(file).diagnostics()).isEmpty()))
              .toList();
      assertThat(tests).isNotEmpty();
      return tests;
    }
  }
}
