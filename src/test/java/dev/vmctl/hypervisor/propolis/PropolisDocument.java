package dev.vmctl.hypervisor.propolis;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchema;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SchemaValidatorsConfig;
import com.networknt.schema.SpecVersion;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * The OpenAPI document of propolis-server, to hold requests and answers against: the published one
 * where it lies beside the repository, else the part of it that matters here, in our own words.
 */
final class PropolisDocument {
  private static final ObjectMapper JSON = new ObjectMapper();
  private static final Path BASE = Path.of(System.getProperty("vmctl.basedir", "."));

  private final JsonNode document;
  private final boolean published;

  private PropolisDocument(Path file, boolean published) {
    this.published = published;
    try {
      document = JSON.readTree(file.toFile());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** The published document if there is one, else ours. */
  static PropolisDocument best() {
    return published().findFirst().orElseGet(PropolisDocument::own);
  }

  /** The published document; nothing where only the repository is. */
  static Stream<PropolisDocument> published() {
    return Stream.of(BASE.toAbsolutePath().resolveSibling("shared"))
        .map(shared -> shared.resolve("reference/propolis-server-openapi.json"))
        .filter(Files::exists)
        .map(file -> new PropolisDocument(file, true));
  }

  static PropolisDocument own() {
    return new PropolisDocument(BASE.resolve("src/test/resources/propolis/subset.json"), false);
  }

  boolean isPublished() {
    return published;
  }

  /** What is wrong with a request; nothing when it is good. */
  List<String> request(String method, String path, @Nullable JsonNode body) {
    JsonNode operation = document.path("paths").path(path).path(method.toLowerCase(Locale.ROOT));
    if (operation.isMissingNode()) {
      return List.of("the document has no " + method + " " + path);
    }
    JsonNode declared = operation.path("requestBody");
    if (declared.isMissingNode()) {
      return body == null ? List.of() : List.of("no body is taken");
    }
    return body == null ? List.of("a body is needed") : problems(content(declared), body);
  }

  /** What is wrong with an answer. */
  List<String> response(String method, String path, int status, @Nullable JsonNode body) {
    JsonNode responses =
        document.path("paths").path(path).path(method.toLowerCase(Locale.ROOT)).path("responses");
    JsonNode declared = responses.path(String.valueOf(status));
    if (declared.isMissingNode()) {
      declared = responses.path(status / 100 + "XX");
    }
    if (declared.has("$ref")) {
      declared = document.at(declared.get("$ref").asText().substring(1));
    }
    if (declared.isMissingNode()) {
      return List.of("the document has no answer " + status + " to " + method + " " + path);
    }
    JsonNode content = content(declared);
    if (content.isMissingNode()) {
      return body == null ? List.of() : List.of("an answer without a body has one");
    }
    return body == null ? List.of("a body is missing") : problems(content, body);
  }

  private static JsonNode content(JsonNode declared) {
    return declared.path("content").path("application/json").path("schema");
  }

  private List<String> problems(JsonNode schema, JsonNode body) {
    ObjectNode whole = JSON.createObjectNode();
    whole.set("allOf", JSON.createArrayNode().add(plain(schema)));
    whole.putObject("components").set("schemas", plain(document.at("/components/schemas")));
    SchemaValidatorsConfig config =
        SchemaValidatorsConfig.builder().formatAssertionsEnabled(true).build();
    JsonSchema validator =
        JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012).getSchema(whole, config);
    return validator.validate(body).stream().map(Object::toString).toList();
  }

  /** OpenAPI's {@code nullable} says what JSON Schema says with a second alternative. */
  private static JsonNode plain(JsonNode schema) {
    if (schema instanceof ArrayNode array) {
      ArrayNode copy = JSON.createArrayNode();
      array.forEach(each -> copy.add(plain(each)));
      return copy;
    }
    if (!(schema instanceof ObjectNode object)) {
      return schema;
    }
    ObjectNode copy = JSON.createObjectNode();
    object.properties().forEach(entry -> copy.set(entry.getKey(), plain(entry.getValue())));
    if (copy.path("nullable").asBoolean(false)) {
      copy.remove("nullable");
      ObjectNode either = JSON.createObjectNode();
      either.putArray("anyOf").add(copy).addObject().put("type", "null");
      return either;
    }
    return copy;
  }
}
