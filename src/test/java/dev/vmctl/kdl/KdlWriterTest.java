package dev.vmctl.kdl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatIllegalArgumentException;

import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.function.UnaryOperator;
import org.junit.jupiter.api.Test;

class KdlWriterTest {
  private static final String TEXT =
      """
      // the machines
      vm "web" { // public
        cpu 2 /- 1 // two
        /- old 1
        memory 0x400 unit = "MB"

        ssh { user "me"; port 22 }
        // until here
      }
      """;

  @Test
  void aChangedValueKeepsEverythingAroundIt() {
    assertThat(
            written(
                TEXT, vm -> withChild(vm, 0, cpu -> cpu.withEntries(List.of(KdlInteger.of(4))))))
        .isEqualTo(TEXT.replace("cpu 2 ", "cpu 4 "));
  }

  @Test
  void aReplacementThatTakesOverTheSpanKeepsTheSpacing() {
    assertThat(written(TEXT, vm -> withChild(vm, 1, KdlWriterTest::inGigabytes)))
        .isEqualTo(TEXT.replace("\"MB\"", "GB"));
  }

  private static KdlNode inGigabytes(KdlNode memory) {
    KdlProperty unit = memory.property("unit").orElseThrow();
    KdlString changed = new KdlString("GB", null, unit.value().span());
    return memory.withEntries(List.of(memory.entries().getFirst(), unit.withValue(changed)));
  }

  @Test
  void aNewNodeTakesTheIndentationOfTheOthers() {
    assertThat(written(TEXT, vm -> withChild(vm, 3, KdlNode.of("disk", KdlInteger.of(20)))))
        .isEqualTo(TEXT.replace("port 22 }\n", "port 22 }\n  disk 20\n"));
  }

  @Test
  void aRemovedNodeTakesItsCommentsAlong() {
    assertThat(written(TEXT, vm -> without(vm, 1)))
        .isEqualTo(TEXT.replace("  /- old 1\n  memory 0x400 unit = \"MB\"\n", ""));
  }

  @Test
  void aNodeBehindOneWithoutANewlineGetsOne() {
    KdlDocument document = read("a // end");
    List<KdlNode> nodes = List.of(document.nodes().getFirst(), KdlNode.of("b"));
    assertThat(KdlWriter.write(document.withNodes(nodes))).isEqualTo("a // end\nb\n");
  }

  @Test
  void aBlockMayBeAddedToANode() {
    KdlDocument document = read("a 1 // one\nb\n");
    KdlBlock block = KdlBlock.of(List.of(KdlNode.of("c"), KdlNode.of("d")));
    List<KdlNode> nodes =
        List.of(document.nodes().getFirst().withBlock(block), document.nodes().getLast());
    assertThat(KdlWriter.write(document.withNodes(nodes)))
        .isEqualTo("a 1 {\n    c\n    d\n} // one\nb\n");
  }

  @Test
  void theMarkAndTheVersionStayWithTheDocument() {
    KdlDocument document = read("\uFEFF/- kdl-version 2\na\nb\n");
    assertThat(KdlWriter.write(document.withNodes(List.of(document.nodes().getLast()))))
        .isEqualTo("\uFEFF/- kdl-version 2\nb\n");
  }

  @Test
  void aDocumentOfVersionOneIsWrittenAsVersionTwoWithItsComments() {
    String one =
        "/- kdl-version 1\n// why\na true \\\n  r\"c:\\d\" k=null // so\nb \"e\nf\" 0x10\n";
    assertThat(KdlWriter.write(read(one).withVersion(KdlVersion.V2)))
        .isEqualTo(
            "/- kdl-version 2\n// why\na #true \\\n  c:\\d k=#null // so\nb \"e\\nf\" 0x10\n"
                .replace("c:\\d", "\"c:\\\\d\""));
  }

  @Test
  void whatCannotBeReadIsNotWritten() {
    KdlDocument half = KdlDocument.of(List.of(KdlNode.of("a", KdlString.of("\uD83D"))));
    assertThatIllegalArgumentException().isThrownBy(() -> KdlWriter.write(half));
    KdlDocument infinite =
        KdlDocument.of(List.of(KdlNode.of("a", KdlSpecial.of(KdlSpecial.Kind.INFINITY))));
    assertThat(KdlWriter.write(infinite)).isEqualTo("a #inf\n");
    assertThatIllegalArgumentException()
        .isThrownBy(() -> KdlWriter.write(infinite.withVersion(KdlVersion.V1)));
    KdlNode deep = KdlNode.of("a");
    for (int depth = 0; depth < 129; depth++) {
      deep = KdlNode.of("a").withBlock(KdlBlock.of(List.of(deep)));
    }
    KdlDocument tooDeep = KdlDocument.of(List.of(deep));
    assertThatIllegalArgumentException().isThrownBy(() -> KdlWriter.write(tooDeep));
    assertThatIllegalArgumentException().isThrownBy(() -> KdlWriter.canonical(tooDeep));
  }

  private static String written(String text, UnaryOperator<KdlNode> change) {
    KdlDocument document = read(text);
    return KdlWriter.write(document.withNodes(List.of(change.apply(document.nodes().getFirst()))));
  }

  private static KdlDocument read(String text) {
    KdlParse parse = KdlReader.parse(text, "test");
    assertThat(parse.problems()).isEmpty();
    return parse.document();
  }

  private static KdlNode withChild(KdlNode node, int at, UnaryOperator<KdlNode> change) {
    List<KdlNode> nodes = new ArrayList<>(node.children());
    nodes.set(at, change.apply(nodes.get(at)));
    return node.withBlock(block(node).withNodes(nodes));
  }

  private static KdlNode withChild(KdlNode node, int at, KdlNode added) {
    List<KdlNode> nodes = new ArrayList<>(node.children());
    nodes.add(at, added);
    return node.withBlock(block(node).withNodes(nodes));
  }

  private static KdlNode without(KdlNode node, int at) {
    List<KdlNode> nodes = new ArrayList<>(node.children());
    nodes.remove(at);
    return node.withBlock(block(node).withNodes(nodes));
  }

  private static KdlBlock block(KdlNode node) {
    KdlBlock block = node.block();
    return Objects.requireNonNull(block);
  }
}
