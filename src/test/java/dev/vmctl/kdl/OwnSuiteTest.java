package dev.vmctl.kdl;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicContainer;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.TestFactory;

/** The cases under {@code src/test/resources/kdl}; the README there says how they are written. */
class OwnSuiteTest {
  private static final List<String> FILES =
      List.of("nodes", "strings", "numbers", "comments", "problems", "version-one");
  private static final Pattern CODE_POINT = Pattern.compile("<U\\+([0-9A-F]+)>");
  private static final Pattern CASE =
      Pattern.compile(
          "=== (?<name>.*)\n(?<input>(?s:.*?))--- (?<kind>document|problems) (?<version>[12])\n"
              + "(?<expected>(?s:.*?))(?=^=== |\\z)",
          Pattern.MULTILINE);

  private record Case(String name, String input, boolean valid, int version, String expected) {
    static List<Case> read(String text) {
      List<Case> cases = new ArrayList<>();
      Matcher matcher = CASE.matcher(text);
      int end = 0;
      while (matcher.find()) {
        assertThat(matcher.start()).isEqualTo(end);
        end = matcher.end();
        cases.add(
            new Case(
                matcher.group("name"),
                decode(matcher.group("input").replace("<EOF>\n", "")),
                matcher.group("kind").equals("document"),
                Integer.parseInt(matcher.group("version")),
                decode(matcher.group("expected"))));
      }
      assertThat(end).isEqualTo(text.length());
      return cases;
    }

    private static String decode(String text) {
      return CODE_POINT
          .matcher(text)
          .replaceAll(found -> Character.toString(Integer.parseInt(found.group(1), 16)));
    }
  }

  @TestFactory
  Stream<DynamicContainer> everyCase() {
    return FILES.stream()
        .map(
            file ->
                DynamicContainer.dynamicContainer(
                    file,
                    Case.read(text(file + ".cases")).stream()
                        .map(one -> DynamicTest.dynamicTest(one.name(), () -> check(one)))));
  }

  private static String text(String file) {
    try (InputStream in = OwnSuiteTest.class.getResourceAsStream("/kdl/" + file)) {
      return new String(Objects.requireNonNull(in, file).readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private static void check(Case one) {
    KdlParse parse = KdlReader.parse(one.input(), one.name());
    if (one.valid()) {
      assertThat(parse.problems()).isEmpty();
      String canonical = KdlWriter.canonical(parse.document());
      assertThat(canonical).isEqualTo(one.expected());
      assertThat(KdlWriter.write(parse.document())).isEqualTo(one.input());
      KdlSource again = new KdlSource("canonical", canonical);
      assertThat(KdlWriter.canonical(KdlReader.parseAs(again, parse.version()).document()))
          .isEqualTo(canonical);
    } else {
      assertThat(
              parse.problems().stream()
                  .map(
                      problem ->
                          problem.span().line()
                              + ":"
                              + problem.span().column()
                              + " "
                              + problem.code().text()
                              + "\n")
                  .collect(Collectors.joining()))
          .isEqualTo(one.expected());
    }
    assertThat(parse.version().number()).isEqualTo(one.version());
  }
}
