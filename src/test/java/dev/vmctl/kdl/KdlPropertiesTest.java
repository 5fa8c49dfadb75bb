package dev.vmctl.kdl;

import static org.assertj.core.api.Assertions.assertThat;

import java.math.BigDecimal;
import java.math.BigInteger;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.Combinators;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.constraints.Size;
import org.jspecify.annotations.Nullable;

/** What holds for every text and every document, tried with many. */
class KdlPropertiesTest {
  private static final String[] PIECES = {
    "node",
    "a",
    "true",
    "null",
    "#true",
    "#null",
    "#inf",
    "\"",
    "\"\"\"",
    "#\"",
    "\"#",
    "r#\"",
    "\\",
    "\\n",
    "{",
    "}",
    "(",
    ")",
    "=",
    ";",
    "\n",
    "\r\n",
    "\t",
    " ",
    "  ",
    "/-",
    "//",
    "/*",
    "*/",
    "1",
    "-1.5e3",
    "0x_",
    "/- kdl-version 1\n",
    "\uFEFF",
    "\u0000",
    "\uD83D",
    "\uDE00",
    "🚀",
    "\u2028"
  };

  @Provide
  Arbitrary<String> texts() {
    return Arbitraries.of(PIECES).list().ofMaxSize(12).map(pieces -> String.join("", pieces));
  }

  @Property(tries = 4000)
  void formattingKeepsTheMeaningAndIsDoneOnce(@ForAll("texts") String text) {
    KdlFormatTest.check(text);
  }

  @Property(tries = 2000)
  void anyTextGivesADocumentOrProblemsInsideIt(@ForAll("texts") String text) {
    KdlParse parse = KdlReader.parse(text, "any");
    for (KdlProblem problem : parse.problems()) {
      assertInside(problem.span(), text);
      assertThat(problem.span().line()).isBetween(1, problem.span().source().lineCount());
      assertThat(problem.span().column()).isPositive();
      assertThat((problem.message() + problem.help()).codePoints())
          .noneMatch(c -> Characters.isNewline(c) || Characters.isDisallowed(c));
    }
    spans(parse.document()).forEach(span -> assertInside(span, text));
  }

  @Property(tries = 2000)
  void aValidTextIsWrittenByteForByte(@ForAll("texts") String text) {
    KdlParse parse = KdlReader.parse(text, "any");
    if (parse.isValid()) {
      assertThat(KdlWriter.write(parse.document())).isEqualTo(text);
    }
  }

  @Property(tries = 500)
  void anyBytesGiveADocumentOrProblems(@ForAll @Size(max = 60) byte[] bytes) {
    KdlParse parse = KdlReader.parse(bytes, "any");
    parse.problems().forEach(problem -> assertThat(problem.span().column()).isPositive());
    assertThat(KdlWriter.canonical(parse.document())).isNotEmpty();
  }

  @Property(tries = 500)
  void aNewDocumentReadsAsItWasWritten(@ForAll("documents") KdlDocument document) {
    assertSame(document, KdlWriter.canonical(document));
    assertSame(document, KdlWriter.write(document));
  }

  /** Takes nodes and entries out of one text and puts them into another, wherever they fit. */
  @Property(tries = 1000)
  void aChangedDocumentReadsAsItWasWritten(
      @ForAll("layouts") String one,
      @ForAll("layouts") String other,
      @ForAll KdlVersion version,
      @ForAll @Size(8) List<Integer> choices) {
    KdlDocument document = valid(one);
    assertThat(KdlWriter.write(document)).isEqualTo(one);
    KdlDocument changed =
        document
            .withNodes(mixed(document.nodes(), valid(other).nodes(), choices))
            .withVersion(version);
    assertSame(changed, KdlWriter.write(changed));
  }

  private static KdlDocument valid(String text) {
    KdlParse parse = KdlReader.parse(text, "layout");
    assertThat(parse.problems()).isEmpty();
    return parse.document();
  }

  private static List<KdlNode> mixed(List<KdlNode> to, List<KdlNode> from, List<Integer> choices) {
    List<KdlNode> nodes = new ArrayList<>(to);
    for (int choice : choices) {
      KdlNode foreign = from.get(Math.floorMod(choice, from.size()));
      int at = Math.floorMod(choice / 7, nodes.size());
      KdlNode here = nodes.get(at);
      switch (Math.floorMod(choice / 31, 7)) {
        case 0 -> nodes.add(at, foreign);
        case 1 -> nodes.set(at, foreign);
        case 2 -> nodes.set(at, here.withEntries(foreign.entries()));
        case 3 -> nodes.set(at, here.withBlock(foreign.block()));
        case 4 -> nodes.set(at, foreign.withBlock(KdlBlock.of(List.of(here))));
        case 5 -> nodes.set(at, here.withEntries(reshuffled(here, foreign)));
        default -> nodes.add(KdlNode.of("new", KdlInteger.of(choice)));
      }
    }
    return nodes;
  }

  private static List<KdlEntry> reshuffled(KdlNode here, KdlNode foreign) {
    List<KdlEntry> entries = new ArrayList<>(foreign.arguments());
    foreign.properties().forEach(property -> entries.add(property.value()));
    here.properties().forEach(property -> entries.add(property.withValue(KdlString.of("=x y"))));
    here.arguments()
        .forEach(value -> entries.add(new KdlProperty(KdlString.of("k"), value, value.span())));
    return entries;
  }

  @Provide
  Arbitrary<String> layouts() {
    String[] nodes = {
      "a 1 /- 2 \"x y\"\n",
      "// why\n  b k = 1 l=(t)2 // so\n",
      "/- c { d }\n\te { f;  g \"}\" ; h }\n",
      "i /- j /-{ k } { l\n  // end\n } /-{ m }\n",
      "n \\ // on\n  #\"raw\"# \"\"\"\n  x\n  \"\"\" /* z */;",
      "( u )o 0xFF 1_0.5e2 k=#null;",
      "p { q { r /- s\n } }\r\n",
      "\"t t\" a /*\n*/ b ; /- u 1\n"
    };
    String[] ends = {"", "z", "z /- 1", "z // end", "/- z", "z { a }", "z /-{}"};
    return Combinators.combine(
            Arbitraries.of("", "\uFEFF", "/- kdl-version 2\n"),
            Arbitraries.of(nodes).list().ofMinSize(1).ofMaxSize(3),
            Arbitraries.of(ends))
        .as((start, middle, end) -> start + String.join("", middle) + end);
  }

  @Provide
  Arbitrary<KdlDocument> documents() {
    return nodes(3).list().ofMaxSize(3).map(KdlDocument::of);
  }

  private static Arbitrary<KdlNode> nodes(int depth) {
    Arbitrary<KdlBlock> blocks =
        depth == 0
            ? Arbitraries.just(KdlBlock.of(List.of()))
            : Arbitraries.lazy(() -> nodes(depth - 1)).list().ofMaxSize(2).map(KdlBlock::of);
    return Combinators.combine(
            strings().injectNull(0.7),
            strings(),
            entries().list().ofMaxSize(3),
            blocks.injectNull(0.5))
        .as(KdlPropertiesTest::node);
  }

  private static KdlNode node(
      @Nullable KdlString type, KdlString name, List<KdlEntry> entries, @Nullable KdlBlock block) {
    return new KdlNode(type, name, entries, block, KdlSpan.NONE, KdlSpan.NONE);
  }

  private static Arbitrary<KdlEntry> entries() {
    Arbitrary<KdlEntry> properties =
        Combinators.combine(strings(), values())
            .as((key, value) -> new KdlProperty(key, value, KdlSpan.NONE));
    return Arbitraries.oneOf(values().map(value -> value), properties);
  }

  private static Arbitrary<KdlString> strings() {
    return Arbitraries.oneOf(
            Arbitraries.of(
                "a", "true", "-inf", ".5", "-1", "", "a b", "\"\"\"", "\\", "#", "\u202E"),
            Arbitraries.strings().ofMaxLength(5).filter(KdlPropertiesTest::isText))
        .map(KdlString::of);
  }

  private static boolean isText(String text) {
    return text.codePoints().noneMatch(c -> c >= 0xD800 && c <= 0xDFFF);
  }

  private static Arbitrary<KdlValue> values() {
    Arbitrary<KdlString> types = strings().injectNull(0.8);
    Arbitrary<BigDecimal> decimals =
        Combinators.combine(Arbitraries.bigIntegers(), Arbitraries.integers().between(-400, 400))
            .as(BigDecimal::new);
    return Arbitraries.oneOf(
        strings().map(value -> value),
        Combinators.combine(Arbitraries.bigIntegers(), Arbitraries.of(2, 8, 10, 16), types)
            .as(
                (BigInteger value, Integer radix, KdlString type) ->
                    new KdlInteger(value, radix, type, KdlSpan.NONE)),
        Combinators.combine(decimals, types)
            .as((value, type) -> new KdlDecimal(value, type, KdlSpan.NONE)),
        Arbitraries.of(KdlSpecial.Kind.class).map(KdlSpecial::of),
        Arbitraries.of(true, false).map(KdlBoolean::of),
        Arbitraries.just(KdlNull.of()));
  }

  private static void assertSame(KdlDocument document, String written) {
    KdlParse again = KdlReader.parseAs(new KdlSource("written", written), document.version());
    assertThat(again.problems()).as(written).isEmpty();
    assertThat(KdlWriter.canonical(again.document()))
        .as(written)
        .isEqualTo(KdlWriter.canonical(document));
  }

  private static void assertInside(KdlSpan span, String text) {
    assertThat(span.source().text()).isEqualTo(text);
    assertThat(span.lead()).isBetween(0, span.start());
    assertThat(span.end()).isBetween(span.start(), text.length());
  }

  private static Stream<KdlSpan> spans(KdlDocument document) {
    return Stream.concat(
        Stream.of(document.prologue(), document.end()),
        document.nodes().stream().flatMap(KdlPropertiesTest::spans));
  }

  private static Stream<KdlSpan> spans(KdlNode node) {
    Stream.Builder<KdlSpan> spans = Stream.builder();
    spans.add(node.span()).add(node.name().span()).add(node.tail());
    for (KdlEntry entry : node.entries()) {
      spans.add(entry.span());
    }
    node.properties().forEach(property -> spans.add(property.key().span()));
    node.properties().forEach(property -> spans.add(property.value().span()));
    return Stream.concat(spans.build(), node.children().stream().flatMap(KdlPropertiesTest::spans));
  }
}
