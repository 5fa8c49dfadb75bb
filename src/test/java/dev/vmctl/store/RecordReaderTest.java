package dev.vmctl.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.node.ArrayNode;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vmctl.json.Json;
import dev.vmctl.json.RecordReader;
import dev.vmctl.model.LaunchFacts;
import java.io.IOException;
import java.lang.reflect.Constructor;
import java.lang.reflect.ParameterizedType;
import java.lang.reflect.RecordComponent;
import java.lang.reflect.Type;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.TreeMap;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Two readers, one meaning: what the mapper writes, both read as the same. */
class RecordReaderTest {
  private static final int RECORDS = 100;

  @ParameterizedTest
  @ValueSource(classes = {VmRecord.class, PastGeneration.class, LaunchFacts.class})
  void whateverIsWrittenIsReadAsTheMapperReadsIt(Class<? extends Record> type) throws IOException {
    for (int seed = 0; seed < RECORDS; seed++) {
      Object record = new Imagined(seed).record(type);
      byte[] json = Json.mapper().writeValueAsBytes(record);

      assertThat((Object) RecordReader.read(type, json))
          .as("seed %s: %s", seed, new String(json, StandardCharsets.UTF_8))
          .isEqualTo(Json.mapper().readValue(json, type))
          .isEqualTo(record);
    }
  }

  @Test
  void aValueOfAnotherTypeIsToldWithItsPlace() throws IOException {
    int refused = 0;
    for (int seed = 0; seed < RECORDS; seed++) {
      JsonNode tree = Json.mapper().valueToTree(new Imagined(seed).record(VmRecord.class));
      String place = spoil(tree, new Random(seed));
      byte[] json = Json.mapper().writeValueAsBytes(tree);
      try {
        RecordReader.read(VmRecord.class, json);
      } catch (IOException e) {
        refused++;
        assertThat(e).hasMessageStartingWith(place);
      }
    }
    assertThat(refused).isEqualTo(RECORDS);
  }

  /** Makes one value of a record a list of lists, which none is. */
  private static String spoil(JsonNode tree, Random random) {
    List<String> places = new ArrayList<>();
    places(tree, "", places);
    String place = places.get(random.nextInt(places.size()));
    JsonNode holder = tree.at(place.substring(0, place.lastIndexOf('/')));
    String name = place.substring(place.lastIndexOf('/') + 1);
    ArrayNode wrong = Json.mapper().createArrayNode();
    wrong.addArray();
    if (holder instanceof ObjectNode object) {
      object.set(name, wrong);
    } else {
      ((ArrayNode) holder).set(Integer.parseInt(name), wrong);
    }
    return place;
  }

  private static void places(JsonNode node, String at, List<String> places) {
    if (node.isValueNode()) {
      places.add(at);
    }
    node.properties().forEach(each -> places(each.getValue(), at + "/" + each.getKey(), places));
    for (int each = 0; node.isArray() && each < node.size(); each++) {
      places(node.get(each), at + "/" + each, places);
    }
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"", "[]", "null", "{", "{\"format\":1", "{\"format\"}", "{\"format\":01}", "\0"})
  void whatIsNoObjectIsRefused(String text) {
    assertThatThrownBy(() -> RecordReader.object(text.getBytes(StandardCharsets.UTF_8)))
        .isInstanceOf(IOException.class);
  }

  @Test
  void anUnknownWordOrKindIsToldWithItsPlace() {
    assertThatThrownBy(() -> read("{\"network\":{\"kind\":\"pigeon\"}}"))
        .isInstanceOf(IOException.class)
        .hasMessage("/network/kind: unknown: pigeon");
    assertThatThrownBy(() -> read("{\"accel\":\"steam\"}"))
        .isInstanceOf(IOException.class)
        .hasMessage("/accel: unknown: steam");
    assertThatThrownBy(() -> read("{\"vcpus\":4294967296}"))
        .isInstanceOf(IOException.class)
        .hasMessage("/vcpus: a Integer is wanted, not 4294967296");
  }

  private static Record read(String spec) throws IOException {
    return RecordReader.read(dev.vmctl.model.VmSpec.class, spec.getBytes(StandardCharsets.UTF_8));
  }

  /** Records of any content that their constructors take. */
  private static final class Imagined {
    private static final int PATIENCE = 1000;
    private static final List<String> TEXTS =
        List.of("a", "web-1", "ä \"b\"\n", "", "52:54:00:12:34:56", "/x y", "qemu", "127.0.0.1");

    private final Random random;

    Imagined(int seed) {
      random = new Random(seed);
    }

    /** Components that it refuses are imagined anew. */
    Object record(Class<?> type) {
      for (int attempt = 0; attempt < PATIENCE; attempt++) {
        @Nullable Object made = attempt(type, attempt % 2 == 0);
        if (made != null) {
          return made;
        }
      }
      throw new AssertionError("no " + type + " could be imagined");
    }

    private @Nullable Object attempt(Class<?> type, boolean sparse) {
      RecordComponent[] components = type.getRecordComponents();
      try {
        Constructor<?> constructor =
            type.getDeclaredConstructor(
                Arrays.stream(components).map(RecordComponent::getType).toArray(Class<?>[]::new));
        constructor.setAccessible(true);
        return constructor.newInstance(
            Arrays.stream(components)
                .map(RecordComponent::getGenericType)
                .map(each -> sparse ? valueOrNull(each) : value(each))
                .toArray());
      } catch (ReflectiveOperationException refused) {
        return null;
      }
    }

    private @Nullable Object valueOrNull(Type type) {
      boolean always = type instanceof Class<?> wanted && wanted.isPrimitive();
      return always || random.nextInt(8) > 0 ? value(type) : null;
    }

    private Object value(Type type) {
      if (type instanceof ParameterizedType generic) {
        return container(generic);
      }
      Class<?> wanted = (Class<?>) type;
      if (wanted.isRecord()) {
        return record(wanted);
      }
      if (wanted.isEnum()) {
        return one(List.of(wanted.getEnumConstants()));
      }
      return wanted.isSealed()
          ? record(one(List.of(wanted.getPermittedSubclasses())))
          : plain(wanted);
    }

    private Object container(ParameterizedType type) {
      Type[] of = type.getActualTypeArguments();
      List<Object> values = new ArrayList<>();
      for (int left = random.nextInt(3); left > 0; left--) {
        values.add(value(of[of.length - 1]));
      }
      if (type.getRawType() == List.class) {
        return values;
      }
      Map<String, Object> map = new TreeMap<>();
      values.forEach(value -> map.put(one(TEXTS), value));
      return map;
    }

    private Object plain(Class<?> type) {
      return switch (type.getSimpleName()) {
        case "boolean", "Boolean" -> random.nextBoolean();
        case "int", "Integer" -> random.nextInt(1, 60_000);
        case "long", "Long" -> random.nextLong(1, 1L << random.nextInt(1, 60));
        case "String" -> one(TEXTS);
        case "Path" -> Path.of("/" + one(TEXTS)).normalize();
        case "UUID" -> new UUID(random.nextLong(), random.nextLong());
        case "Instant" -> Instant.ofEpochSecond(random.nextInt(), random.nextInt(1_000_000_000));
        case "Duration" -> Duration.ofMillis(random.nextLong(1, 1L << 40));
        default -> throw new AssertionError(type);
      };
    }

    private <T> T one(List<T> of) {
      return of.get(random.nextInt(of.size()));
    }
  }
}
