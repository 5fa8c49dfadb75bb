package dev.vmctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.vmctl.model.Field;
import dev.vmctl.model.VmFields;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class ExplainTest {
  private final CliRun cli = new CliRun(Path.of("/none"));

  @Test
  void aFieldIsExplainedAsItsDescriptorHasIt() throws IOException {
    Golden.check("explain-memory", cli.run("explain", "memory").out());
    Golden.check("explain-network", cli.run("explain", "vm.network").out());
    Golden.check("explain-liveness", cli.run("explain", "liveness", "--recursive").out());
    Golden.check("explain", cli.run("explain").out());
  }

  @Test
  void everyFieldAndEveryPartHasItsPath() {
    for (Field<?> field : VmFields.ALL) {
      assertThat(cli.run("explain", field.path()).out())
          .contains(field.summary(), field.example(), "vm." + field.path());
      field
          .parts()
          .forEach(
              part ->
                  assertThat(cli.run("explain", field.path() + "." + part.name()).out())
                      .contains(part.summary(), part.example()));
    }
  }

  @Test
  void programsGetTheSameAsData() throws IOException {
    JsonNode data = new ObjectMapper().readTree(cli.run("explain", "vm", "-o", "json").out());

    assertThat(data.get("path").asText()).isEqualTo("vm");
    assertThat(data.get("children").findValuesAsText("path"))
        .contains("vm.replicas", "vm.cloud-init.hostname", "vm.ready.http.port");
  }

  @ParameterizedTest
  @CsvSource({
    "vm.memroy, 'memory'",
    "cloud-init.host, 'hostname'",
    "network.brigde, 'bridge'",
    "replica, 'replicas'",
  })
  void aWrongNameGetsTheNearest(String path, String near) {
    CliRun.Result result = cli.run("explain", path);

    assertThat(result.code()).isEqualTo(64);
    assertThat(result.err()).contains("error[usage]", "did you mean '" + near + "'?");
  }

  @Test
  void nothingIsBelowALeaf() {
    assertThat(cli.run("explain", "memory.size").err()).contains("'vm.memory'");
    assertThat(cli.run("explain", "").code()).isZero();
    assertThat(cli.run("explain", ".").code()).isEqualTo(64);
  }
}
