package dev.vmctl.daemon;

import com.fasterxml.jackson.annotation.JsonProperty;
import com.fasterxml.jackson.annotation.JsonUnwrapped;
import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import com.networknt.schema.JsonSchemaFactory;
import com.networknt.schema.SpecVersion;
import com.tngtech.archunit.core.importer.ClassFileImporter;
import dev.vmctl.Version;
import dev.vmctl.api.http.HttpApi;
import dev.vmctl.api.http.Problem;
import dev.vmctl.json.Json;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import java.io.IOException;
import java.lang.annotation.Annotation;
import java.lang.reflect.Method;
import java.lang.reflect.Parameter;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.time.Duration;
import java.time.Instant;
import java.util.Arrays;
import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Properties;
import java.util.TreeMap;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/**
 * The OpenAPI document of our API, as the resources and records are: the one that is served is held
 * against it. What no type says, such as what a route is for, is in {@code openapi.properties}.
 */
final class ApiDocument {
  private static final ObjectMapper JSON = Json.mapper();
  private static final Map<Class<? extends Annotation>, String> METHODS =
      Map.of(GET.class, "get", POST.class, "post", PUT.class, "put", DELETE.class, "delete");
  private static final String JSON_TYPE = "application/json";
  private static final String REF = "#/components/schemas/";

  private final Properties words = new Properties();
  private final Map<String, JsonNode> schemas = new TreeMap<>();
  private final Map<String, Map<String, JsonNode>> paths = new TreeMap<>();

  private ApiDocument() throws IOException {
    words.load(ApiDocument.class.getResourceAsStream("openapi.properties"));
  }

  static JsonNode make() throws IOException {
    ApiDocument made = new ApiDocument();
    for (Class<?> resource : resources()) {
      for (Method method : sorted(resource.getDeclaredMethods())) {
        for (Map.Entry<Class<? extends Annotation>, String> each : METHODS.entrySet()) {
          if (method.isAnnotationPresent(each.getKey())) {
            made.operation(resource, method, each.getValue());
          }
        }
      }
    }
    made.otherRoutes();
    return made.document();
  }

  private static List<Class<?>> resources() {
    return new ClassFileImporter()
        .importPackages("dev.vmctl.daemon").stream()
            .filter(type -> type.isAnnotatedWith(Path.class))
            .<Class<?>>map(type -> type.reflect())
            .sorted(Comparator.comparing(Class::getName))
            .toList();
  }

  private static List<Method> sorted(Method[] methods) {
    return Arrays.stream(methods).sorted(Comparator.comparing(Method::getName)).toList();
  }

  private void operation(Class<?> resource, Method method, String verb) {
    Path below = method.getAnnotation(Path.class);
    String path =
        resource.getAnnotation(Path.class).value() + (below == null ? "" : "/" + below.value());
    ObjectNode operation = operation(verb, path, resource.getSimpleName().replace("Resource", ""));
    for (Parameter parameter : method.getParameters()) {
      if (parameter.isAnnotationPresent(RestPath.class)) {
        parameter(operation, "path", parameter.getName());
      } else if (parameter.isAnnotationPresent(RestQuery.class)) {
        parameter(operation, "query", parameter.getName());
      } else {
        ObjectNode body = operation.putObject("requestBody").put("required", true);
        content(body, JSON_TYPE, schema(parameter.getType(), true));
      }
    }
    answer(operation.putObject("responses"), method);
  }

  private ObjectNode operation(String verb, String path, String tag) {
    String route = verb.toUpperCase(Locale.ROOT) + path;
    String summary = words.getProperty(route);
    if (summary == null) {
      throw new AssertionError("openapi.properties does not say what " + route + " is for");
    }
    ObjectNode operation = JSON.createObjectNode();
    operation.putArray("tags").add(tag);
    operation.put("summary", summary);
    paths.computeIfAbsent(path, each -> new TreeMap<>()).put(verb, operation);
    return operation;
  }

  private void parameter(ObjectNode operation, String in, String name) {
    ObjectNode parameter = operation.withArray("parameters").addObject();
    parameter.put("name", name).put("in", in);
    if (in.equals("path")) {
      parameter.put("required", true);
    }
    String said = words.getProperty(name, "string");
    parameter.putObject("schema").put("type", said);
  }

  private void answer(ObjectNode responses, Method method) {
    Type type = method.getGenericReturnType();
    if (method.getReturnType() == RestResponse.class) {
      type = ((ParameterizedType) type).getActualTypeArguments()[0];
    }
    if (type == Void.class) {
      boolean kept = !method.getName().endsWith("cordon");
      responses
          .putObject(kept ? "202" : "204")
          .put("description", kept ? "The intent is kept; the loop carries it out." : "Done.");
    } else {
      Produces produces = method.getAnnotation(Produces.class);
      String media = produces == null ? JSON_TYPE : produces.value()[0];
      ObjectNode ok = responses.putObject("200").put("description", "The answer.");
      JsonNode any = JSON.createObjectNode(); // Bytes, or a document of others.
      boolean isOurs = media.equals(JSON_TYPE) && type != String.class;
      content(ok, media, isOurs ? schema(type, false) : any);
    }
    problem(responses);
  }

  private static void problem(ObjectNode responses) {
    responses.putObject("default").put("$ref", "#/components/responses/problem");
  }

  private static void content(ObjectNode holder, String media, JsonNode schema) {
    holder.putObject("content").putObject(media).set("schema", schema);
  }

  /** What is no exchange of one request and one answer, or asked for by no resource. */
  private void otherRoutes() {
    ObjectNode watch = operation("get", HttpApi.WATCH, "Engine");
    parameter(watch, "query", "names");
    parameter(watch, "query", "version");
    ObjectNode told = watch.putObject("responses");
    ObjectNode stream = told.putObject("200").put("description", "Events without an end.");
    content(stream, "text/event-stream", JSON.createObjectNode().put("type", "string"));
    problem(told);
    ObjectNode link = operation("post", HttpApi.DASHBOARD, "Engine").putObject("responses");
    content(
        link.putObject("200").put("description", "The link."),
        JSON_TYPE,
        schema(HttpApi.Link.class, false));
    problem(link);
    for (String path : List.of("console/ws", "log/{kind}/ws", "vnc/ws")) {
      ObjectNode socket = operation("get", "/v1/vms/{name}/" + path, "Vm");
      parameter(socket, "path", "name");
      if (path.contains("kind")) {
        parameter(socket, "path", "kind");
      }
      if (!path.startsWith("vnc")) {
        parameter(socket, "query", "offset");
      }
      ObjectNode opened = socket.putObject("responses");
      opened.putObject("101").put("description", "A WebSocket.");
      problem(opened);
    }
  }

  private JsonNode document() {
    ObjectNode document = JSON.createObjectNode().put("openapi", "3.1.0");
    document
        .putObject("info")
        .put("title", "vmctl")
        .put("description", words.getProperty("info"))
        .put("version", Version.CURRENT);
    document.putArray("security").addObject().putArray("token");
    ObjectNode all = document.putObject("paths");
    paths.forEach(
        (path, operations) ->
            operations.forEach((verb, each) -> all.withObject(at(path)).set(verb, each)));
    ObjectNode components = document.putObject("components");
    components
        .putObject("securitySchemes")
        .putObject("token")
        .put("type", "http")
        .put("scheme", "bearer")
        .put("description", words.getProperty("token"));
    content(
        components.withObject("/responses/problem").put("description", "What is wrong."),
        HttpApi.PROBLEM_TYPE,
        schema(Problem.class, false));
    schemas.forEach((name, schema) -> components.withObject("/schemas").set(name, schema));
    return document;
  }

  private static String at(String key) {
    return "/" + key.replace("~", "~0").replace("/", "~1");
  }

  private JsonNode schema(Type type, boolean sent) {
    if (type instanceof ParameterizedType generic) {
      Type[] arguments = generic.getActualTypeArguments();
      ObjectNode schema = JSON.createObjectNode();
      if (Map.class.isAssignableFrom((Class<?>) generic.getRawType())) {
        schema.put("type", "object").set("additionalProperties", schema(arguments[1], sent));
      } else if (Collection.class.isAssignableFrom((Class<?>) generic.getRawType())) {
        schema.put("type", "array").set("items", schema(arguments[0], sent));
      } else {
        throw new AssertionError("no schema for " + type);
      }
      return schema;
    }
    Class<?> plain = (Class<?>) type;
    ObjectNode simple = simple(plain);
    return simple == null ? reference(plain, sent) : simple;
  }

  private static @Nullable ObjectNode simple(Class<?> type) {
    ObjectNode schema = JSON.createObjectNode();
    if (type == int.class || type == long.class || type == Integer.class || type == Long.class) {
      return schema.put("type", "integer");
    } else if (type == boolean.class || type == Boolean.class) {
      return schema.put("type", "boolean");
    } else if (type == double.class) {
      return schema.put("type", "number");
    } else if (type == Instant.class) {
      return schema.put("type", "string").put("format", "date-time");
    } else if (type == Duration.class) {
      return schema.put("type", "string").put("format", "duration");
    } else if (type == byte[].class) {
      return schema.put("type", "string").put("contentEncoding", "base64");
    } else if (type.isEnum()) {
      schema.put("type", "string");
      Arrays.stream(type.getEnumConstants())
          .forEach(each -> schema.withArray("enum").add(JSON.valueToTree(each)));
      return schema;
    }
    boolean text = type.getPackageName().startsWith("java") || isText(type);
    return text ? schema.put("type", "string") : null;
  }

  private static boolean isText(Class<?> type) {
    return type.getSimpleName().equals("VmName");
  }

  private JsonNode reference(Class<?> type, boolean sent) {
    String name = name(type);
    if (!schemas.containsKey(name)) {
      ObjectNode schema = JSON.createObjectNode().put("type", "object");
      schemas.put(name, schema); // First: it may be within itself.
      if (type.isRecord()) {
        record(type, schema, sent);
      }
    }
    return JSON.createObjectNode().put("$ref", REF + name);
  }

  private static String name(Class<?> type) {
    Class<?> outer = type.getEnclosingClass();
    return (outer == null || outer == HttpApi.class ? "" : outer.getSimpleName())
        + type.getSimpleName();
  }

  private void record(Class<?> type, ObjectNode schema, boolean sent) {
    for (RecordComponent component : type.getRecordComponents()) {
      Method accessor = component.getAccessor();
      if (accessor.isAnnotationPresent(JsonUnwrapped.class)) {
        record(component.getType(), schema, sent);
        continue;
      }
      JsonProperty named = accessor.getAnnotation(JsonProperty.class);
      String name = named == null ? component.getName() : named.value();
      schema.withObject("properties").set(name, schema(component.getGenericType(), sent));
      boolean mayLack =
          component.getAnnotatedType().isAnnotationPresent(Nullable.class)
              || (sent && component.getType().isPrimitive());
      if (!mayLack) {
        schema.withArray("required").add(name);
      }
    }
  }

  /** What is wrong with an answer to a request; it may have nothing that is not documented. */
  static List<String> problems(
      JsonNode document, String verb, String path, int status, JsonNode body) {
    boolean failed = status >= 400;
    JsonNode answer =
        failed
            ? document.at("/components/responses/problem")
            : document.at("/paths" + at(path)).path(verb).path("responses").path("" + status);
    if (answer.isMissingNode()) {
      return List.of("the document has no answer " + status + " to " + verb + " " + path);
    }
    JsonNode schema =
        answer.path("content").path(failed ? HttpApi.PROBLEM_TYPE : JSON_TYPE).path("schema");
    if (schema.isMissingNode()) {
      return body.isMissingNode() ? List.of() : List.of("an answer without a body has one");
    }
    ObjectNode whole = JSON.createObjectNode();
    whole.set("allOf", JSON.createArrayNode().add(schema));
    ObjectNode components = document.path("components").deepCopy();
    for (JsonNode each : components.path("schemas")) {
      if (each.has("properties")) {
        ((ObjectNode) each).put("additionalProperties", false);
      }
    }
    whole.set("components", components);
    return JsonSchemaFactory.getInstance(SpecVersion.VersionFlag.V202012)
        .getSchema(whole)
        .validate(body)
        .stream()
        .map(Object::toString)
        .toList();
  }
}
