package dev.vmctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/** A path through JSON, as kubectl's jsonpath has it: each step leads from values to values. */
record JsonPath(List<Step> steps) {
  JsonPath {
    steps = List.copyOf(steps);
  }

  /** One step. */
  sealed interface Step {}

  /** {@code .name} and {@code ['name']}. */
  record Member(String name) implements Step {}

  /** {@code [2]}; negative counts from the end. */
  record Index(int index) implements Step {}

  /** {@code [1:3]}, from the first to before the second; negative counts from the end. */
  record Slice(Optional<Integer> from, Optional<Integer> to) implements Step {}

  /** {@code [*]} and {@code .*}. */
  record Every() implements Step {}

  /** {@code ..}: the value itself and all below it. */
  record Descend() implements Step {}

  /**
   * {@code [?(@.a.b == "x")]}: the elements for which it holds.
   *
   * @param operator one of {@code == != < <= > >=}; empty to ask only whether the path leads to
   *     anything
   */
  record Filter(JsonPath path, String operator, String operand) implements Step {}

  /** All values it leads to. */
  List<JsonNode> from(JsonNode start) {
    List<JsonNode> values = List.of(start);
    for (Step step : steps) {
      values = values.stream().flatMap(value -> from(value, step)).toList();
    }
    return values;
  }

  private static Stream<JsonNode> from(JsonNode value, Step step) {
    return switch (step) {
      case Member(String name) -> Stream.ofNullable(value.get(name));
      case Index(int index) ->
          value.isArray() ? Stream.ofNullable(value.get(fromEnd(value, index))) : Stream.empty();
      case Slice slice -> slice(value, slice);
      case Every every -> value.valueStream();
      case Descend descend -> below(value);
      case Filter filter ->
          value.isArray()
              ? value.valueStream().filter(each -> holds(each, filter))
              : Stream.empty();
    };
  }

  private static int fromEnd(JsonNode array, int index) {
    return index < 0 ? array.size() + index : index;
  }

  private static Stream<JsonNode> slice(JsonNode value, Slice slice) {
    if (!value.isArray()) {
      return Stream.empty();
    }
    int from = Math.max(0, fromEnd(value, slice.from().orElse(0)));
    int to = Math.min(value.size(), fromEnd(value, slice.to().orElse(value.size())));
    return value.valueStream().skip(from).limit(Math.max(0, to - from));
  }

  private static Stream<JsonNode> below(JsonNode value) {
    List<JsonNode> all = new ArrayList<>();
    collect(value, all);
    return all.stream();
  }

  private static void collect(JsonNode value, List<JsonNode> all) {
    all.add(value);
    value.forEach(each -> collect(each, all));
  }

  private static boolean holds(JsonNode element, Filter filter) {
    List<JsonNode> found = filter.path().from(element);
    return filter.operator().isEmpty()
        ? !found.isEmpty()
        : found.stream().anyMatch(each -> compares(each, filter.operator(), filter.operand()));
  }

  private static boolean compares(JsonNode value, String operator, String operand) {
    int order =
        value.isNumber() && operand.matches("-?\\d+(\\.\\d+)?")
            ? Double.compare(value.asDouble(), Double.parseDouble(operand))
            : value.asText().compareTo(operand);
    return switch (operator) {
      case "==" -> order == 0;
      case "!=" -> order != 0;
      case "<" -> order < 0;
      case "<=" -> order <= 0;
      case ">" -> order > 0;
      case ">=" -> order >= 0;
      default -> throw new IllegalArgumentException(operator);
    };
  }
}
