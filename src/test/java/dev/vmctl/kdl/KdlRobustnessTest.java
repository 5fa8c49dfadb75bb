package dev.vmctl.kdl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.tuple;

import java.nio.charset.StandardCharsets;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;

/** Texts made to exhaust time, stack or patience. */
@Timeout(30)
class KdlRobustnessTest {
  private static final int MANY = 100_000;

  @Test
  void blocksMayNest128Deep() {
    String text = "a {\n".repeat(128) + "b\n" + "}\n".repeat(128);
    KdlParse parse = KdlReader.parse(text, "deep");
    assertThat(parse.problems()).isEmpty();
    assertThat(KdlWriter.write(parse.document())).isEqualTo(text);
  }

  @Test
  void oneProblemIsReportedForAHundredThousandNestedBlocks() {
    KdlParse parse = KdlReader.parse("a{".repeat(MANY) + "}".repeat(MANY) + "\nb 1x", "deep");
    assertThat(codes(parse)).containsExactly("kdl.nesting", "kdl.number");
    assertThat(codes(KdlReader.parse("a{".repeat(MANY), "open"))).containsExactly("kdl.nesting");
  }

  @Test
  void commentsNestToAnyDepth() {
    KdlParse parse = KdlReader.parse("/*".repeat(MANY) + "*/".repeat(MANY) + "a", "comments");
    assertThat(parse.problems()).isEmpty();
    assertThat(parse.document().nodes()).hasSize(1);
    assertThat(codes(KdlReader.parse("a " + "/*".repeat(MANY), "open")))
        .containsExactly("kdl.unclosed_comment");
  }

  @Test
  void nestedSlashdashesDoNotExhaustTheStack() {
    assertThat(codes(KdlReader.parse("/-".repeat(MANY) + "a", "x")))
        .contains("kdl.slashdash_target", "kdl.too_many_problems");
    assertThat(codes(KdlReader.parse("/-a{".repeat(MANY) + "}".repeat(MANY), "x")))
        .containsExactly("kdl.nesting");
    assertThat(codes(KdlReader.parse("a " + "/-".repeat(MANY), "x")))
        .containsExactly("kdl.slashdash_target");
  }

  @Test
  void longLinesTakeLinearTime() {
    int size = 2_000_000;
    assertThat(KdlReader.parse("a " + "b".repeat(size), "word").isValid()).isTrue();
    assertThat(KdlReader.parse("a " + "b ".repeat(size / 10), "words").isValid()).isTrue();
    assertThat(codes(KdlReader.parse("a " + "1".repeat(size), "number")))
        .containsExactly("kdl.number_size");
    assertThat(codes(KdlReader.parse("a \"" + "\\n".repeat(size / 2), "string")))
        .containsExactly("kdl.unclosed_string");
  }

  @Test
  void repeatedOpeningsTakeLinearTime() {
    for (String piece :
        List.of(
            "\"", "\"\"\" ", "#\"", "##\"#", "a=", "(", "{ ", "a \\", "/*", "\"{\n", "a\"", "=")) {
      KdlParse parse = KdlReader.parse(piece.repeat(MANY / 5), piece);
      assertThat(parse.isValid() || !parse.problems().isEmpty()).isTrue();
      assertThat(parse.problems()).hasSizeLessThanOrEqualTo(Problems.LIMIT + 1);
    }
  }

  @Test
  void manyNodesAreRead() {
    String text = "node 1 k=v\n".repeat(MANY);
    assertThat(KdlReader.parse(text, "nodes").document().nodes()).hasSize(MANY);
  }

  @Test
  void bytesThatAreNotUtf8AreReportedWhereTheyAre() {
    byte[] bytes = "a 1\nb \"ü?\" 2x\n\uFFFD".getBytes(StandardCharsets.UTF_8);
    bytes[9] = (byte) 0xC3;
    KdlParse parse = KdlReader.parse(bytes, "bytes");
    assertThat(parse.problems())
        .extracting(
            problem -> problem.code().text(),
            problem -> problem.span().line(),
            problem -> problem.span().column(),
            KdlProblem::message)
        .containsExactly(
            tuple("kdl.encoding", 2, 5, "byte 9, 0xC3, is not UTF-8"),
            tuple("kdl.number", 2, 8, "'2x' is not a number"));
  }

  @Test
  void utf16IsNamedAsSuch() {
    for (var charset : List.of(StandardCharsets.UTF_16, StandardCharsets.UTF_16LE)) {
      byte[] bytes = "\uFEFFa 1".getBytes(charset);
      assertThat(KdlReader.parse(bytes, "wide").problems())
          .extracting(KdlProblem::message)
          .containsExactly("this file is UTF-16");
    }
  }

  @Test
  void halfASurrogatePairIsReported() {
    KdlParse parse = KdlReader.parse("a \"\uD83D\" \uDE00", "half");
    assertThat(codes(parse))
        .containsExactly("kdl.disallowed_character", "kdl.disallowed_character");
    assertThat(parse.problems().getFirst().message()).contains("U+D83D");
  }

  @Test
  void problemsStopAtALimit() {
    KdlParse parse = KdlReader.parse("1\n".repeat(1000), "many");
    assertThat(parse.problems()).hasSize(Problems.LIMIT + 1);
    assertThat(parse.problems().getLast().code()).isEqualTo(KdlProblem.Code.TOO_MANY_PROBLEMS);
  }

  @Test
  void readingIsDoneOnASmallStack() throws InterruptedException {
    String text = "a{".repeat(128) + "}".repeat(128);
    List<KdlParse> parses = new CopyOnWriteArrayList<>();
    Thread thread =
        new Thread(null, () -> parses.add(KdlReader.parse(text, "deep")), "small", 256 * 1024);
    thread.start();
    assertThat(thread.join(Duration.ofSeconds(5))).isTrue();
    assertThat(parses).singleElement().satisfies(parse -> assertThat(parse.isValid()).isTrue());
  }

  private static List<String> codes(KdlParse parse) {
    return parse.problems().stream().map(problem -> problem.code().text()).toList();
  }
}
