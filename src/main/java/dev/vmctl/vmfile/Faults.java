package dev.vmctl.vmfile;

import dev.vmctl.kdl.KdlDecimal;
import dev.vmctl.kdl.KdlInteger;
import dev.vmctl.kdl.KdlNode;
import dev.vmctl.kdl.KdlString;
import dev.vmctl.kdl.KdlValue;
import dev.vmctl.model.NearestName;
import java.util.List;

/** Says what is wrong with single values. */
final class Faults {
  static final String TEXT = "a text";

  private final Findings findings;

  Faults(Findings findings) {
    this.findings = findings;
  }

  void unknownChoice(KdlNode node, String word, List<String> choices) {
    findings.add(
        VmFileCode.UNKNOWN_CHOICE,
        node.arguments().getFirst().span(),
        Quoted.of(word) + " is nothing that " + NodeShape.name(node) + " can be",
        NearestName.of(word, choices)
            .map(choice -> "did you mean \"" + choice + "\"?")
            .orElseGet(() -> "one of: \"" + String.join("\", \"", choices) + '"'));
  }

  /** A value of another type than {@code expected}, such as "a whole number". */
  void wrongType(KdlNode node, KdlValue value, String expected, String example) {
    String help = "write it like this: " + example;
    boolean number = value instanceof KdlInteger || value instanceof KdlDecimal;
    if (expected.equals(TEXT) && number) {
      help = "put it in quotes: " + node.name().value() + ' ' + Quoted.kdl(value.span().text());
    } else if (value instanceof KdlString text && isNumber(text.value())) {
      help = "remove the quotes: " + node.name().value() + ' ' + text.value().strip();
    }
    findings.add(
        VmFileCode.WRONG_TYPE,
        value.span(),
        NodeShape.name(node) + " must be " + expected + ", not " + NodeShape.describe(value),
        help);
  }

  void outOfRange(KdlNode node, KdlValue value, String least, String most, String help) {
    findings.add(
        VmFileCode.OUT_OF_RANGE,
        value.span(),
        NodeShape.name(node) + " must lie between " + least + " and " + most,
        help);
  }

  void invalid(KdlValue value, String message, String help) {
    findings.add(VmFileCode.INVALID_VALUE, value.span(), message, help);
  }

  private static boolean isNumber(String text) {
    return Quantity.take(text).filter(written -> written.unit().isEmpty()).isPresent();
  }
}
