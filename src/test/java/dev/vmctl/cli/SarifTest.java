package dev.vmctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import dev.vmctl.model.Diagnostic;
import dev.vmctl.vmfile.VmFileReader;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;

class SarifTest {
  private static final Path RESOURCES =
      Path.of(System.getProperty("vmctl.basedir", "")).resolve("src/test/resources");

  private static JsonNode written(List<Diagnostic> findings) throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    new DataOutput(new PrintStream(out, true, StandardCharsets.UTF_8))
        .json(new Sarif(RESOURCES).of(findings));
    return new ObjectMapper().readTree(out.toByteArray());
  }

  private static List<Diagnostic> everyGoldenFinding() throws IOException {
    VmFileReader reader = new VmFileReader(Path.of("/home/ann"));
    List<Diagnostic> findings = new ArrayList<>();
    try (var files = Files.list(RESOURCES.resolve("vmfile"))) {
      files
          .filter(file -> file.toString().endsWith(".kdl"))
          .sorted()
          .forEach(file -> findings.addAll(reader.read(file).diagnostics()));
    }
    findings.addAll(reader.read(Path.of("/no such/file.kdl")).diagnostics());
    return findings;
  }

  @Test
  void everyFindingHasThePublishedShape() throws IOException {
    JsonSchema schema =
        JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
            .getSchema(Files.readString(RESOURCES.resolve("cli/sarif-2.1.0.schema.json")));

    JsonNode log = written(everyGoldenFinding());

    assertThat(schema.validate(log)).isEmpty();
    assertThat(schema.validate(written(List.of()))).isEmpty();
    assertThat(log.at("/runs/0/results").size()).isGreaterThan(100);
  }

  @Test
  void eachResultPointsToItsRuleAndPlace() throws IOException {
    Path file = RESOURCES.resolve("vmfile/duplicate-vm.kdl");
    JsonNode run =
        written(new VmFileReader(Path.of("/home/ann")).read(file).diagnostics()).at("/runs/0");

    JsonNode result = run.at("/results/0");
    assertThat(run.at("/tool/driver/rules").get(result.get("ruleIndex").asInt()).get("id"))
        .isEqualTo(result.get("ruleId"));
    assertThat(result.at("/locations/0/physicalLocation/artifactLocation/uri").asText())
        .isEqualTo("vmfile/duplicate-vm.kdl");
    JsonNode region = result.at("/locations/0/physicalLocation/region");
    assertThat(region.get("endColumn").asInt() - region.get("startColumn").asInt()).isEqualTo(5);
    assertThat(result.at("/relatedLocations/0/message/text").asText()).isEqualTo("the first one");
  }
}
