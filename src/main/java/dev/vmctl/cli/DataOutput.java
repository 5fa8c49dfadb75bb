package dev.vmctl.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import dev.vmctl.json.Json;
import java.io.PrintStream;
import org.jspecify.annotations.Nullable;

/**
 * Values as JSON or YAML for programs. Unlike on the wire, absent values are written as null: a
 * program finds every field it was promised.
 */
final class DataOutput {
  private final PrintStream out;
  private final @Nullable JsonTemplate template;

  DataOutput(PrintStream out) {
    this(out, null);
  }

  /**
   * @param template what to write of JSON; null for all of it, indented
   */
  DataOutput(PrintStream out, @Nullable JsonTemplate template) {
    this.out = out;
    this.template = template;
  }

  /** Indented JSON, or what the template takes of it. */
  void json(Object value) {
    if (template != null) {
      String text = template.of(complete(Json.mapper().copy()).valueToTree(value));
      out.print(text.endsWith("\n") ? text : text + "\n");
      return;
    }
    out.println(
        text(complete(Json.mapper().copy()).enable(SerializationFeature.INDENT_OUTPUT), value));
  }

  /** JSON on a line each. */
  void jsonLines(Iterable<?> values) {
    ObjectMapper mapper = complete(Json.mapper().copy());
    for (Object value : values) {
      out.println(template == null ? text(mapper, value) : template.of(mapper.valueToTree(value)));
    }
  }

  void yaml(Object value) {
    YAMLFactory factory =
        YAMLFactory.builder()
            .disable(YAMLGenerator.Feature.WRITE_DOC_START_MARKER)
            .enable(YAMLGenerator.Feature.MINIMIZE_QUOTES)
            .enable(YAMLGenerator.Feature.ALWAYS_QUOTE_NUMBERS_AS_STRINGS)
            .build();
    out.print(text(complete(Json.configure(new ObjectMapper(factory))), value));
  }

  private static ObjectMapper complete(ObjectMapper mapper) {
    return mapper.setDefaultPropertyInclusion(JsonInclude.Include.ALWAYS);
  }

  private static String text(ObjectMapper mapper, Object value) {
    try {
      return mapper.writeValueAsString(value);
    } catch (JsonProcessingException unwritable) {
      throw new IllegalStateException("cannot write " + value.getClass(), unwritable);
    }
  }
}
