package dev.vmctl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.MatchResult;
import java.util.regex.Pattern;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The invariants of docs/architecture.md name the tests that hold them; these exist. */
class InvariantsTest {
  private static final Path CHECKOUT = Path.of(System.getProperty("vmctl.basedir", "."));
  private static final Pattern HELD_BY = Pattern.compile("`(\\w+(?:Test|IT))\\.(\\w+)`");

  @Test
  void eachInvariantIsHeldByTestsThatExist() throws IOException {
    String page = Files.readString(CHECKOUT.resolve("docs/architecture.md"));
    String section = page.substring(page.indexOf("## Invariants"), page.indexOf("## Restart"));
    List<String> invariants =
        Stream.of(section.split("\n(?=\\d+\\. )", -1)).skip(1).map(String::strip).toList();
    assertThat(invariants.stream().map(each -> each.substring(0, each.indexOf('.'))))
        .containsExactlyElementsOf(IntStream.rangeClosed(1, 12).mapToObj(String::valueOf).toList());
    for (String invariant : invariants) {
      List<MatchResult> tests = HELD_BY.matcher(invariant).results().toList();
      assertThat(tests).as(invariant).isNotEmpty();
      for (MatchResult test : tests) {
        assertThat(methods(test.group(1))).as(invariant).contains(test.group(2));
      }
    }
  }

  private static List<String> methods(String testClass) throws IOException {
    List<String> names = new ArrayList<>();
    try (Stream<Path> files = Files.walk(CHECKOUT.resolve("src/test/java"))) {
      for (Path file : files.filter(each -> each.endsWith(testClass + ".java")).toList()) {
        Pattern.compile("\\b(?:void|Stream<DynamicTest>) (\\w+)\\(")
            .matcher(Files.readString(file))
            .results()
            .forEach(method -> names.add(method.group(1)));
      }
    }
    return names;
  }
}
