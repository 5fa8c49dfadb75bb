package dev.vmctl.vmfile;

import dev.vmctl.kdl.KdlBoolean;
import dev.vmctl.kdl.KdlDecimal;
import dev.vmctl.kdl.KdlInteger;
import dev.vmctl.kdl.KdlNode;
import dev.vmctl.kdl.KdlString;
import dev.vmctl.kdl.KdlValue;
import dev.vmctl.model.Described;
import dev.vmctl.model.Field;
import java.math.BigDecimal;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Reads nodes with one value. Every method gives null when it has reported why. */
final class ScalarDecoder {
  private final Findings findings;
  private final NodeShape shape;
  private final Faults faults;
  private final HostPaths paths;

  ScalarDecoder(Findings findings, NodeShape shape, HostPaths paths) {
    this.findings = findings;
    this.shape = shape;
    this.faults = new Faults(findings);
    this.paths = paths;
  }

  @Nullable Long integer(Described field, KdlNode node) {
    long minimum = field.minimum() == null ? Long.MIN_VALUE : field.minimum();
    long maximum = field.maximum() == null ? Long.MAX_VALUE : field.maximum();
    return whole(node, minimum, maximum, field.example(), field.summary());
  }

  /** A whole number in a range. */
  @Nullable Long whole(KdlNode node, long minimum, long maximum, String example, String help) {
    KdlValue value = shape.onlyArgument(node, "a whole number", example);
    if (value == null) {
      return null;
    }
    if (!(value instanceof KdlInteger number)) {
      faults.wrongType(node, value, "a whole number", example);
      return null;
    }
    if (isOutside(new BigDecimal(number.value()), minimum, maximum)) {
      faults.outOfRange(node, value, Long.toString(minimum), Long.toString(maximum), help);
      return null;
    }
    return number.value().longValueExact();
  }

  /** A time, within the range, which is in milliseconds. */
  @Nullable Duration duration(Described field, KdlNode node) {
    KdlValue value = shape.onlyArgument(node, "a time", field.example());
    if (value == null) {
      return null;
    }
    Optional<Duration> time =
        switch (value) {
          case KdlInteger number -> TimeSpan.parse(number.value() + "s");
          case KdlDecimal number -> TimeSpan.parse(number.span().text() + "s");
          case KdlString text -> TimeSpan.parse(text.value());
          case KdlValue other -> Optional.empty();
        };
    if (time.isEmpty()) {
      findings.add(
          VmFileCode.WRONG_TYPE,
          value.span(),
          NodeShape.name(node) + " must be a time, such as \"30s\"",
          "the units are ms, s, m, h and d; write it like this: " + field.example());
      return null;
    }
    long minimum = field.minimum() == null ? 0 : field.minimum();
    long maximum = field.maximum() == null ? TimeSpan.LONGEST.toMillis() : field.maximum();
    if (time.get().toMillis() < minimum || time.get().toMillis() > maximum) {
      String least = TimeSpan.text(Duration.ofMillis(minimum));
      String most = TimeSpan.text(Duration.ofMillis(maximum));
      faults.outOfRange(node, value, least, most, field.summary());
      return null;
    }
    return time.get();
  }

  /**
   * A size.
   *
   * @param plainShift power of two of the unit of a plain number
   * @param resultShift power of two of the unit of the result, which must be whole
   */
  @Nullable Object size(Described field, KdlNode node, int plainShift, int resultShift) {
    return size(field, node, plainShift, resultShift, field.example(), field.summary());
  }

  /** A size that is written in another way than the field whose range it has. */
  @Nullable Long size(
      Described field, KdlNode node, int plainShift, int resultShift, String example, String help) {
    KdlValue value = shape.onlyArgument(node, "a size", example);
    if (value == null) {
      return null;
    }
    Quantity quantity =
        switch (value) {
          case KdlInteger number -> plain(new BigDecimal(number.value()), plainShift);
          case KdlDecimal number -> plain(number.value(), plainShift);
          case KdlString text -> withUnit(node, text, plainShift);
          case KdlValue other -> {
            faults.wrongType(node, other, "a size", example);
            yield null;
          }
        };
    if (quantity == null) {
      return null;
    }
    long minimum = field.minimum() == null ? 0 : field.minimum();
    long maximum = field.maximum() == null ? Long.MAX_VALUE : field.maximum();
    String least = Quantity.text(minimum, resultShift);
    String most = Quantity.text(maximum, resultShift);
    if (Quantity.isBeyondAll(quantity.bytes())) {
      faults.outOfRange(node, value, least, most, help);
      return null;
    }
    Optional<BigDecimal> whole = quantity.whole(resultShift);
    if (whole.isEmpty()) {
      findings.add(
          VmFileCode.INVALID_VALUE,
          value.span(),
          NodeShape.name(node) + " must come to whole " + Quantity.unit(resultShift),
          "round it");
      return null;
    }
    if (isOutside(whole.get(), minimum, maximum)) {
      faults.outOfRange(node, value, least, most, help);
      return null;
    }
    return whole.get().longValueExact();
  }

  /** One or more texts, none of them empty. */
  @Nullable List<String> texts(KdlNode node, String example) {
    shape.plain(node, example);
    if (node.arguments().isEmpty()) {
      shape.firstArgument(node, Faults.TEXT, example);
      return null;
    }
    List<String> texts = new ArrayList<>();
    for (KdlValue value : node.arguments()) {
      String text = text(node.withEntries(List.of(value)).withBlock(null), example);
      if (text != null) {
        texts.add(text);
      }
    }
    return texts.size() == node.arguments().size() ? texts : null;
  }

  @Nullable String text(KdlNode node, String example) {
    String text = lines(node, example);
    if (text != null && text.codePoints().anyMatch(Character::isISOControl)) {
      KdlValue value = node.arguments().getFirst();
      faults.invalid(value, NodeShape.name(node) + " may not hold a line break or the like", "");
      return null;
    }
    return text;
  }

  /** Text that may have several lines. */
  @Nullable String lines(KdlNode node, String example) {
    KdlValue value = shape.onlyArgument(node, Faults.TEXT, example);
    if (value == null) {
      return null;
    }
    if (!(value instanceof KdlString text)) {
      faults.wrongType(node, value, Faults.TEXT, example);
      return null;
    }
    if (text.value().isBlank()) {
      faults.invalid(value, NodeShape.name(node) + " is empty", "give it a value, or remove it");
      return null;
    }
    if (text.value().indexOf('\0') >= 0) {
      faults.invalid(value, NodeShape.name(node) + " may not hold a NUL character", "");
      return null;
    }
    return text.value();
  }

  @Nullable Path path(KdlNode node, String example) {
    String text = text(node, example);
    if (text == null) {
      return null;
    }
    try {
      return paths.resolve(text);
    } catch (HostPaths.Unclear e) {
      faults.invalid(node.arguments().getFirst(), e.problem(), e.help());
      return null;
    }
  }

  @Nullable Object bool(Described field, KdlNode node) {
    return flag(node, field.example());
  }

  @Nullable Boolean flag(KdlNode node, String example) {
    shape.plain(node, example);
    shape.noArgumentsFrom(1, node, example);
    List<KdlValue> arguments = node.arguments();
    if (arguments.isEmpty()) {
      return true;
    }
    KdlValue value = arguments.getFirst();
    if (value instanceof KdlBoolean bool) {
      return bool.value();
    }
    faults.wrongType(node, value, "#true or #false", example);
    return null;
  }

  /** One of the words that may be chosen from. */
  @Nullable String word(Described field, KdlNode node) {
    String word = text(node, field.example());
    if (word == null || field.choices().contains(word)) {
      return word;
    }
    faults.unknownChoice(node, word, field.choices());
    return null;
  }

  @Nullable Object choice(Field<?> field, KdlNode node) {
    String word = word(field, node);
    return word == null || !field.type().isEnum() ? word : constant(field.type(), word);
  }

  /** The constant that is written as that word. */
  static <T> T constant(Class<T> type, String word) {
    for (T constant : type.getEnumConstants()) {
      String name = ((Enum<?>) constant).name();
      if (name.toLowerCase(Locale.ROOT).replace('_', '-').equals(word)) {
        return constant;
      }
    }
    throw new IllegalStateException(type + " has no value for the choice " + word);
  }

  private static boolean isOutside(BigDecimal number, long minimum, long maximum) {
    return Quantity.isBeyondAll(number)
        || number.compareTo(BigDecimal.valueOf(minimum)) < 0
        || number.compareTo(BigDecimal.valueOf(maximum)) > 0;
  }

  private static Quantity plain(BigDecimal number, int shift) {
    return Quantity.isBeyondAll(number) ? new Quantity(number) : Quantity.of(number, shift);
  }

  private @Nullable Quantity withUnit(KdlNode node, KdlString text, int shift) {
    Optional<Quantity.Written> written = Quantity.take(text.value());
    if (written.isEmpty()) {
      findings.add(
          VmFileCode.WRONG_TYPE,
          text.span(),
          Quoted.of(text.value()) + " is not a size",
          "write a number and a unit: " + node.name().value() + " \"2GiB\"");
      return null;
    }
    String unit = written.get().unit();
    Optional<Integer> power = Quantity.shift(unit);
    if (power.isPresent()) {
      return Quantity.of(written.get().number(), power.get());
    }
    String number = written.get().number().toPlainString();
    String plainUnit = Quantity.UNITS.get(shift / 10);
    boolean decimal = unit.length() == 2 && unit.toLowerCase(Locale.ROOT).endsWith("b");
    String meant =
        decimal && Quantity.shift(unit.substring(0, 1)).isPresent()
            ? unit.substring(0, 1).toUpperCase(Locale.ROOT) + "iB"
            : plainUnit;
    findings.add(
        VmFileCode.UNKNOWN_UNIT,
        text.span(),
        unit.isEmpty()
            ? Quoted.of(text.value()) + " has no unit"
            : Quoted.of(unit) + " is not a unit that is clear here",
        "write \"" + number + meant + "\"; the units are " + String.join(", ", Quantity.UNITS));
    return null;
  }
}
