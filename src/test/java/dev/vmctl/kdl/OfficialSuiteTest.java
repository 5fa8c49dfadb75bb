package dev.vmctl.kdl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/**
 * The test cases published with the language, which are not part of this repository: they are read
 * from a directory beside it where they are present.
 */
class OfficialSuiteTest {
  @TestFactory
  Stream<DynamicTest> everyCaseOfVersionTwo() {
    return cases(KdlVersion.V2, 336);
  }

  @TestFactory
  Stream<DynamicTest> everyCaseOfVersionOne() {
    return cases(KdlVersion.V1, 155);
  }

  private static Stream<DynamicTest> cases(KdlVersion version, int count) {
    Path suite = suite().resolve("v" + version.number());
    Path inputs = suite.resolve("input");
    assumeTrue(Files.isDirectory(inputs), () -> "the official KDL tests are not in " + inputs);
    try (Stream<Path> files = Files.list(inputs)) {
      List<String> names = files.map(file -> file.getFileName().toString()).sorted().toList();
      assertThat(names).hasSize(count);
      return names.stream()
          .map(name -> DynamicTest.dynamicTest(name, () -> check(suite, name, version)));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static Path suite() {
    String base = System.getProperty("vmctl.basedir", System.getProperty("user.dir"));
    return Path.of(base).resolveSibling("shared").resolve("kdl-tests");
  }

  private static void check(Path suite, String name, KdlVersion version) throws IOException {
    String text = Files.readString(suite.resolve("input").resolve(name));
    KdlParse parse = KdlReader.parseAs(new KdlSource(name, text), version);
    Path expected = suite.resolve("expected_kdl").resolve(name);
    if (Files.exists(expected)) {
      assertThat(parse.problems()).isEmpty();
      assertThat(KdlWriter.canonical(parse.document())).isEqualTo(Files.readString(expected));
      assertThat(KdlWriter.write(parse.document())).isEqualTo(text);
    } else {
      assertThat(parse.problems()).isNotEmpty();
    }
  }
}
