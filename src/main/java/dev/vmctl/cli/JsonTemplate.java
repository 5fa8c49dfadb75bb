package dev.vmctl.cli;

import com.fasterxml.jackson.databind.JsonNode;
import java.util.List;
import java.util.stream.Collectors;

/**
 * Text with paths in braces, as kubectl's {@code -o jsonpath=} has it. Ours, since the libraries
 * there are speak another dialect, and this much of kubectl's is all that scripts use.
 */
record JsonTemplate(List<Part> parts) {
  JsonTemplate {
    parts = List.copyOf(parts);
  }

  /** A piece of the template. */
  sealed interface Part {}

  /** Text as it is. */
  record Text(String text) implements Part {}

  /** The values of a path, separated by blanks. */
  record Values(JsonPath path) implements Part {}

  /** {@code {range path}…{end}}: the body once for each value. */
  record Range(JsonPath path, JsonTemplate body) implements Part {}

  String of(JsonNode value) {
    StringBuilder text = new StringBuilder();
    for (Part part : parts) {
      switch (part) {
        case Text(String plain) -> text.append(plain);
        case Values(JsonPath path) ->
            text.append(
                path.from(value).stream().map(JsonTemplate::text).collect(Collectors.joining(" ")));
        case Range(JsonPath path, JsonTemplate body) ->
            path.from(value).forEach(each -> text.append(body.of(each)));
      }
    }
    return text.toString();
  }

  private static String text(JsonNode value) {
    return value.isNull() ? "" : value.isContainerNode() ? value.toString() : value.asText();
  }
}
