package dev.vmctl.json;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.JsonInclude;
import com.fasterxml.jackson.annotation.JsonTypeInfo;
import com.fasterxml.jackson.annotation.JsonValue;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import com.fasterxml.jackson.core.JsonGenerator;
import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.databind.DeserializationContext;
import com.fasterxml.jackson.databind.DeserializationFeature;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.SerializationFeature;
import com.fasterxml.jackson.databind.SerializerProvider;
import com.fasterxml.jackson.databind.deser.std.StdScalarDeserializer;
import com.fasterxml.jackson.databind.json.JsonMapper;
import com.fasterxml.jackson.databind.jsontype.NamedType;
import com.fasterxml.jackson.databind.module.SimpleModule;
import com.fasterxml.jackson.databind.ser.std.StdScalarSerializer;
import com.fasterxml.jackson.datatype.jsr310.JavaTimeModule;
import dev.vmctl.model.EnvVariable;
import dev.vmctl.model.ProvisionStep;
import dev.vmctl.model.VmName;
import dev.vmctl.model.Worded;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;

/** Builds the JSON mapper that every room uses. */
public final class Json {
  private Json() {}

  /**
   * A mapper for our records: names and paths as plain strings, enums in the words shown to people,
   * instants in ISO 8601, the kind of a network or step as {@code kind}, absent values left out,
   * unknown properties ignored (a reader may be older than the writer; formats that must not be
   * guessed at carry a number of their own).
   *
   * <p>It is the same for all, and made when it is first needed. Who wants another configuration
   * takes a {@code copy()}.
   */
  public static ObjectMapper mapper() {
    return Shared.MAPPER;
  }

  private static final class Shared {
    static final ObjectMapper MAPPER = configure(JsonMapper.builder().build());
  }

  /** Configures a mapper somebody else made, such as Quarkus. */
  public static ObjectMapper configure(ObjectMapper mapper) {
    return mapper
        .registerModule(new JavaTimeModule())
        .registerModule(ours())
        // Records are read by their components; a question such as isEmpty is not a property.
        .setVisibility(PropertyAccessor.IS_GETTER, JsonAutoDetect.Visibility.NONE)
        .setDefaultPropertyInclusion(JsonInclude.Include.NON_NULL)
        .disable(SerializationFeature.WRITE_DATES_AS_TIMESTAMPS)
        .disable(SerializationFeature.WRITE_DURATIONS_AS_TIMESTAMPS)
        .disable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES);
  }

  private static SimpleModule ours() {
    SimpleModule module = new SimpleModule("vmctl");
    // Jackson's own form of a Path is a file: URI, which people would have to decode.
    module.addSerializer(Path.class, new PathWriter());
    module.addDeserializer(Path.class, new PathReader());
    module.addSerializer(VmName.class, new NameWriter());
    module.addDeserializer(VmName.class, new NameReader());
    Kinds.ALL.forEach(
        (type, kinds) -> {
          module.setMixInAnnotation(type, OfAKind.class);
          kinds.forEach((word, kind) -> module.registerSubtypes(new NamedType(kind, word)));
        });
    module.setMixInAnnotation(ProvisionStep.Inline.class, WithEnv.class);
    module.setMixInAnnotation(ProvisionStep.Script.class, WithEnv.class);
    module.setMixInAnnotation(Worded.class, AsText.class);
    return module;
  }

  @JsonTypeInfo(use = JsonTypeInfo.Id.NAME, property = Kinds.PROPERTY)
  private interface OfAKind {}

  /** Without variables a step is written as before there were any: its digest stays the same. */
  private interface WithEnv {
    @JsonInclude(JsonInclude.Include.NON_EMPTY)
    @SuppressWarnings("UnusedMethod") // Jackson reads it
    List<EnvVariable> env();
  }

  private interface AsText {
    @JsonValue
    String text();
  }

  private static final class PathWriter extends StdScalarSerializer<Path> {
    private static final long serialVersionUID = 1L;

    PathWriter() {
      super(Path.class);
    }

    @Override
    public void serialize(Path path, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      out.writeString(path.toString());
    }
  }

  private static final class PathReader extends StdScalarDeserializer<Path> {
    private static final long serialVersionUID = 1L;

    PathReader() {
      super(Path.class);
    }

    @Override
    public Path deserialize(JsonParser in, DeserializationContext context) throws IOException {
      return Path.of(in.getValueAsString());
    }
  }

  private static final class NameWriter extends StdScalarSerializer<VmName> {
    private static final long serialVersionUID = 1L;

    NameWriter() {
      super(VmName.class);
    }

    @Override
    public void serialize(VmName name, JsonGenerator out, SerializerProvider provider)
        throws IOException {
      out.writeString(name.value());
    }
  }

  private static final class NameReader extends StdScalarDeserializer<VmName> {
    private static final long serialVersionUID = 1L;

    NameReader() {
      super(VmName.class);
    }

    @Override
    public VmName deserialize(JsonParser in, DeserializationContext context) throws IOException {
      return new VmName(in.getValueAsString());
    }
  }
}
