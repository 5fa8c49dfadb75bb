package dev.vmctl.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.vmctl.json.Json;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;

/** The document that is served is what the resources and records are. */
class ApiDocumentTest {
  private static final ObjectMapper JSON = Json.mapper();
  private static final Path SERVED =
      Path.of(System.getProperty("vmctl.basedir", "."))
          .resolve("src/main/resources/dev/vmctl/daemon/openapi.json");

  @Test
  void everyRouteAndEveryFieldIsInIt() throws IOException {
    JsonNode made = ApiDocument.make();
    String text = JSON.writerWithDefaultPrettyPrinter().writeValueAsString(made) + "\n";
    if (Stream.of(System.getProperty("vmctl.golden"), System.getenv("VMCTL_GOLDEN"))
        .anyMatch("update"::equals)) {
      Files.writeString(SERVED, text);
    }
    assertThat(text).isEqualTo(Files.readString(SERVED));
    assertThat(made.path("paths").size()).isGreaterThan(50);
  }

  @Test
  void everyReferenceIsThere() throws IOException {
    JsonNode made = ApiDocument.make();
    made.findValuesAsText("$ref")
        .forEach(
            reference -> assertThat(made.at(reference.substring(1))).as(reference).isNotEmpty());
  }
}
