package dev.vmctl.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.io.ByteArrayOutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;
import picocli.CommandLine.TypeConversionException;

class JsonTemplateTest {
  private static final String VMS =
      """
      [{"name":"db","state":"stopped","pid":null,"vcpus":4,"labels":{}},
       {"name":"web","state":"running","pid":7,"vcpus":2,"labels":{"a.b/c":"x","tier":"front"}}]
      """;

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '`',
      value = {
        "[0].name | db",
        "{[0].name} | db",
        "{$[0].name} | db",
        "{[-1].name} | web",
        "{[*].name} | db web",
        "{.*.name} | db web",
        "{[0:1].name} | db",
        "{[1:].name} | web",
        "{[:-1].name} | db",
        "{..name} | db web",
        "{[1].labels['a.b/c']} | x",
        "{[1].labels} | {\"a.b/c\":\"x\",\"tier\":\"front\"}",
        "{[1].labels.*} | x front",
        "{[?(@.state==\"running\")].name} | web",
        "{[?(@.state != 'running')].name} | db",
        "{[?(@.vcpus>=4)].name} | db",
        "{[?(@.vcpus<10)].name} | db web",
        "{[?(@.labels.tier)].name} | web",
        "{range [*]}{.name}={.pid};{end} | db=;web=7;",
        "{range [*]}{range .labels.*}<{@}>{end}{end} | <x><front>",
        "all: {[0].name}{\", \"}{[1].name}. | all: db, web.",
        "{[5].name}{.name} | ``",
        "{[0].name.first} | ``",
      })
  void aTemplateTakes(String template, String expected) throws Exception {
    JsonNode vms = new ObjectMapper().readTree(VMS);
    assertThat(JsonTemplateParser.parse(template).of(vms)).isEqualTo(expected);
  }

  @Test
  void aLineThatTheTemplateEndsIsNotEndedAgain() {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream stream = new PrintStream(out, true, StandardCharsets.UTF_8);
    new DataOutput(stream, JsonTemplateParser.parse("{range [*]}{@}{\"\\n\"}{end}"))
        .json(List.of(1, 2));
    new DataOutput(stream, JsonTemplateParser.parse("{[0]}")).json(List.of(3));

    assertThat(out.toString(StandardCharsets.UTF_8)).isEqualTo("1\n2\n3\n");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "{.name",
        "{[}",
        "{[x]}",
        "{['a}",
        "{[?(@.a==)]}",
        "{[?(@.a]}",
        "{range [*]}{.name}",
        "{.name}{end}",
        "{..}",
        "{\"a}",
        "{name}",
      })
  void whatIsNoTemplateIsRefusedWithItsPlace(String template) {
    assertThatExceptionOfType(TypeConversionException.class)
        .isThrownBy(() -> JsonTemplateParser.parse(template))
        .withMessageContaining("wrong at character");
  }
}
