package dev.vmctl.store;

import com.fasterxml.jackson.core.JsonProcessingException;
import dev.vmctl.json.Json;
import dev.vmctl.model.EnvVariable;
import dev.vmctl.model.Field;
import dev.vmctl.model.ProvisionStep;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmSpec;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.Comparator;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;

/**
 * Digests of what was declared.
 *
 * <p>Only declared fields count, in the order of their names, so that a new version of vmctl with
 * more fields or other defaults gives the same digest.
 */
public final class SpecHash {
  private static final class Fields {
    static final List<Field<?>> BY_NAME =
        VmFields.ALL.stream()
            .sorted(Comparator.comparing((Field<?> field) -> field.path()))
            .toList();
  }

  /** {@code sha256:…} of the declared fields and the inputs' digests. */
  public String of(VmSpec spec, Map<String, String> inputs) {
    MessageDigest digest = sha256();
    for (Field<?> field : Fields.BY_NAME) {
      Object value = field.of(spec);
      if (value != null) {
        add(digest, field.path(), write(value));
      }
    }
    new TreeMap<>(inputs).forEach((path, content) -> add(digest, path, content));
    return text(digest);
  }

  /**
   * {@code sha256:…} of the provision steps, their environment and the content of the files they
   * name; empty text for no steps.
   */
  public String ofSteps(VmSpec spec, Map<String, String> inputs) {
    if (spec.provision().isEmpty()) {
      return "";
    }
    MessageDigest digest = sha256();
    addEnv(digest, spec.env(), inputs);
    for (ProvisionStep step : spec.provision()) {
      add(digest, "step", write(step));
      switch (step) {
        case ProvisionStep.Inline inline -> addFiles(digest, inline.env(), inputs);
        case ProvisionStep.Script script -> {
          addContent(digest, script.script(), inputs);
          addFiles(digest, script.env(), inputs);
        }
        case ProvisionStep.FileCopy copy -> addContent(digest, copy.source(), inputs);
      }
    }
    return text(digest);
  }

  private static void addEnv(
      MessageDigest digest, List<EnvVariable> env, Map<String, String> inputs) {
    env.forEach(variable -> add(digest, "env", write(variable)));
    addFiles(digest, env, inputs);
  }

  private static void addFiles(
      MessageDigest digest, List<EnvVariable> env, Map<String, String> inputs) {
    env.stream()
        .map(EnvVariable::file)
        .filter(Objects::nonNull)
        .forEach(file -> addContent(digest, file, inputs));
  }

  private static void addContent(MessageDigest digest, Path file, Map<String, String> inputs) {
    add(digest, "content", inputs.getOrDefault(file.toString(), ""));
  }

  private static String write(Object value) {
    try {
      return Json.mapper().writeValueAsString(value);
    } catch (JsonProcessingException e) {
      throw new IllegalStateException("a declared value has no JSON: " + value.getClass(), e);
    }
  }

  private static void add(MessageDigest digest, String key, String value) {
    for (String part : List.of(key, value)) {
      byte[] bytes = part.getBytes(StandardCharsets.UTF_8);
      // Lengths keep "ab","c" and "a","bc" apart.
      digest.update(Integer.toString(bytes.length).getBytes(StandardCharsets.US_ASCII));
      digest.update((byte) ':');
      digest.update(bytes);
    }
  }

  private static String text(MessageDigest digest) {
    return "sha256:" + HexFormat.of().formatHex(digest.digest());
  }

  private static MessageDigest sha256() {
    try {
      return MessageDigest.getInstance("SHA-256");
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
