package dev.vmctl.json;

import com.fasterxml.jackson.core.JsonFactory;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import dev.vmctl.model.VmName;
import dev.vmctl.model.Worded;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.InvocationTargetException;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/**
 * Reads the records that we keep in files. What it reads is what {@link Json#mapper} would read,
 * which a test compares; but the mapper examines each class for all that an annotation could ask
 * for, which takes a command longer than everything else it does.
 *
 * <p>It knows what our records are made of: records, lists, maps by string, enums, the sealed types
 * of {@link Kinds} and a few plain values. A property that a record does not have is ignored; one
 * that is not there is null, zero or false.
 */
public final class RecordReader {
  private static final JsonFactory FACTORY = new JsonFactory();
  private static final Map<Class<?>, Shape> SHAPES = new ConcurrentHashMap<>();
  private static final Map<Class<?>, Function<String, Object>> FROM_TEXT =
      Map.of(
          String.class,
          text -> text,
          Path.class,
          Path::of,
          VmName.class,
          VmName::new,
          UUID.class,
          UUID::fromString,
          Instant.class,
          Instant::parse,
          Duration.class,
          Duration::parse);

  private RecordReader() {}

  private record Shape(Constructor<?> constructor, RecordComponent[] components) {
    static Shape of(Class<?> type) {
      RecordComponent[] components = type.getRecordComponents();
      Class<?>[] types =
          Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new);
      try {
        Constructor<?> constructor = type.getDeclaredConstructor(types);
        constructor.setAccessible(true);
        return new Shape(constructor, components);
      } catch (NoSuchMethodException e) {
        throw new IllegalStateException(e); // Every record has it: JLS 8.10.4.
      }
    }
  }

  /**
   * A JSON object as plain values: maps in the order of the text, lists, strings, numbers, booleans
   * and nulls. The caller may change it.
   *
   * @throws IOException when the text is no JSON object
   */
  public static Map<String, @Nullable Object> object(byte[] json) throws IOException {
    try (JsonParser parser = FACTORY.createParser(json)) {
      if (parser.nextToken() != JsonToken.START_OBJECT) {
        throw new IOException("it is not a JSON object");
      }
      return object(parser);
    }
  }

  private static Map<String, @Nullable Object> object(JsonParser parser) throws IOException {
    Map<String, @Nullable Object> object = new LinkedHashMap<>();
    while (parser.nextToken() != JsonToken.END_OBJECT) {
      String name = parser.currentName();
      parser.nextToken();
      object.put(name, value(parser));
    }
    return object;
  }

  private static @Nullable Object value(JsonParser parser) throws IOException {
    return switch (parser.currentToken()) {
      case START_OBJECT -> object(parser);
      case START_ARRAY -> {
        List<@Nullable Object> list = new ArrayList<>();
        while (parser.nextToken() != JsonToken.END_ARRAY) {
          list.add(value(parser));
        }
        yield list;
      }
      case VALUE_STRING -> parser.getText();
      case VALUE_NUMBER_INT, VALUE_NUMBER_FLOAT -> parser.getNumberValue();
      case VALUE_TRUE -> true;
      case VALUE_FALSE -> false;
      default -> null;
    };
  }

  /**
   * The record that a file holds.
   *
   * @throws IOException when it is none, saying where and why
   */
  public static <T extends Record> T read(Class<T> type, byte[] json) throws IOException {
    return read(type, object(json));
  }

  /**
   * The record that these values are.
   *
   * @param object as of {@link #object}
   * @throws IOException when they are none, saying where and why
   */
  public static <T extends Record> T read(Class<T> type, Map<String, @Nullable Object> object)
      throws IOException {
    return type.cast(record(type, object, ""));
  }

  private static @Nullable Object value(Type type, @Nullable Object json, String at)
      throws IOException {
    if (type instanceof ParameterizedType generic) {
      return container(generic, json, at);
    }
    Class<?> wanted = (Class<?>) type;
    if (wanted.isPrimitive()) {
      return primitive(wanted, json, at);
    }
    if (json == null) {
      return null;
    }
    Function<String, Object> fromText = FROM_TEXT.get(wanted);
    if (fromText != null) {
      return text(json, at, fromText);
    }
    if (wanted.isEnum()) {
      return text(json, at, text -> constant(wanted, text));
    }
    if (wanted.isRecord()) {
      return record(wanted, map(json, at), at);
    }
    if (wanted.isSealed()) {
      return kind(wanted, map(json, at), at);
    }
    return boxed(wanted, json, at);
  }

  private static @Nullable Object container(
      ParameterizedType type, @Nullable Object json, String at) throws IOException {
    if (json == null) {
      return null;
    }
    Type[] of = type.getActualTypeArguments();
    if (type.getRawType() == List.class) {
      List<@Nullable Object> all = new ArrayList<>();
      for (Object each : list(json, at)) {
        all.add(value(of[0], each, at + "/" + all.size()));
      }
      return all;
    }
    if (type.getRawType() == Map.class && of[0] == String.class) {
      Map<String, @Nullable Object> all = new LinkedHashMap<>();
      for (Map.Entry<String, @Nullable Object> each : map(json, at).entrySet()) {
        all.put(each.getKey(), value(of[1], each.getValue(), at + "/" + each.getKey()));
      }
      return all;
    }
    throw new IllegalArgumentException("not of a record that is kept: " + type);
  }

  private static Object record(Class<?> type, Map<String, @Nullable Object> object, String at)
      throws IOException {
    Shape shape = SHAPES.computeIfAbsent(type, Shape::of);
    @Nullable Object[] values = new Object[shape.components.length];
    for (int each = 0; each < values.length; each++) {
      RecordComponent component = shape.components[each];
      String name = component.getName();
      values[each] = value(component.getGenericType(), object.get(name), at + "/" + name);
    }
    try {
      return shape.constructor.newInstance(values);
    } catch (InvocationTargetException e) {
      throw wrong(at, String.valueOf(e.getCause()), e.getCause());
    } catch (ReflectiveOperationException e) {
      throw new IllegalStateException("cannot make a " + type, e);
    }
  }

  private static Object kind(Class<?> type, Map<String, @Nullable Object> object, String at)
      throws IOException {
    Map<String, Class<?>> kinds = Kinds.ALL.get(type);
    if (kinds == null) {
      throw new IllegalArgumentException("its kinds have no words: " + type);
    }
    Object word = object.get(Kinds.PROPERTY);
    Class<?> kind = word instanceof String known ? kinds.get(known) : null;
    if (kind == null) {
      throw wrong(at + "/" + Kinds.PROPERTY, "unknown: " + word, null);
    }
    return record(kind, object, at);
  }

  private static Object constant(Class<?> type, String text) {
    for (Object constant : type.getEnumConstants()) {
      String word = constant instanceof Worded worded ? worded.text() : ((Enum<?>) constant).name();
      if (word.equals(text)) {
        return constant;
      }
    }
    throw new IllegalArgumentException("unknown: " + text);
  }

  private static Object primitive(Class<?> type, @Nullable Object json, String at)
      throws IOException {
    if (type == boolean.class) {
      return json == null ? false : boxed(Boolean.class, json, at);
    }
    if (type == int.class) {
      return json == null ? 0 : boxed(Integer.class, json, at);
    }
    if (type == long.class) {
      return json == null ? 0L : boxed(Long.class, json, at);
    }
    throw new IllegalArgumentException("not of a record that is kept: " + type);
  }

  private static Object boxed(Class<?> type, Object json, String at) throws IOException {
    if (type == Boolean.class && json instanceof Boolean) {
      return json;
    }
    if (type == Integer.class && json instanceof Integer) {
      return json;
    }
    if (type == Long.class && (json instanceof Integer || json instanceof Long)) {
      return ((Number) json).longValue();
    }
    throw wrong(at, "a " + type.getSimpleName() + " is wanted, not " + json, null);
  }

  private static Object text(Object json, String at, Function<String, Object> meaning)
      throws IOException {
    if (!(json instanceof String text)) {
      throw wrong(at, "a string is wanted, not " + json, null);
    }
    try {
      return meaning.apply(text);
    } catch (RuntimeException e) { // Each has one of its own for a text that it does not mean.
      throw wrong(at, String.valueOf(e.getMessage()), e);
    }
  }

  @SuppressWarnings("unchecked") // An object's names are strings.
  private static Map<String, @Nullable Object> map(Object json, String at) throws IOException {
    if (json instanceof Map<?, ?> map) {
      return (Map<String, @Nullable Object>) map;
    }
    throw wrong(at, "an object is wanted, not " + json, null);
  }

  private static List<?> list(Object json, String at) throws IOException {
    if (json instanceof List<?> list) {
      return list;
    }
    throw wrong(at, "a list is wanted, not " + json, null);
  }

  private static IOException wrong(String at, String what, @Nullable Throwable cause) {
    return new IOException((at.isEmpty() ? "" : at + ": ") + what, cause);
  }
}
