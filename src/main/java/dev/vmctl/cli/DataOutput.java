package dev.vmctl.cli;

import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import com.fasterxml.jackson.dataformat.yaml.YAMLGenerator;
import dev.vmctl.json.Json;
import java.io.PrintStream;

/**
 * Values as JSON or YAML for programs. Unlike on the wire, absent values are written as null: a
 * program finds every field it was promised.
 */
final class DataOutput {
  private final PrintStream out;

  DataOutput(PrintStream out) {
    this.out = out;
  }

  /** Indented JSON. */
  void json(Object value) {
    out.println(text(complete(Json.mapper()).enable(SerializationFeature.INDENT_OUTPUT), value));
  }

  /** JSON on a line each. */
  void jsonLines(Iterable<?> values) {
    ObjectMapper mapper = complete(Json.mapper());
    values.forEach(value -> out.println(text(mapper, value)));
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
    return mapper.setSerializationInclusion(JsonInclude.Include.ALWAYS);
  }

  private static String text(ObjectMapper mapper, Object value) {
    try {
      return mapper.writeValueAsString(value);
    } catch (JsonProcessingException unwritable) {
      throw new IllegalStateException("cannot write " + value.getClass(), unwritable);
    }
  }
}
