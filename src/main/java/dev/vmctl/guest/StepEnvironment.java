package dev.vmctl.guest;

import dev.vmctl.model.EnvVariable;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;

/**
 * The environment of a step as a text that a shell reads: one assignment after the other, quoted.
 * It goes to the guest as part of the step's input, so that no value is ever on a command line.
 */
final class StepEnvironment {
  /** The kernel takes no longer text as one variable (128 KiB), and a secret is never as long. */
  static final int LONGEST_VALUE = 64 << 10;

  private StepEnvironment() {}

  /** A variable's file cannot be used. */
  static final class Unusable extends Exception {
    private static final long serialVersionUID = 1L;

    Unusable(String message) {
      super(message);
    }
  }

  /**
   * @param own the step's, which go before those of the VM
   */
  static byte[] text(List<EnvVariable> ofVm, List<EnvVariable> own) throws IOException, Unusable {
    Map<String, EnvVariable> variables = new LinkedHashMap<>();
    ofVm.forEach(variable -> variables.put(variable.name(), variable));
    own.forEach(variable -> variables.put(variable.name(), variable));
    ByteArrayOutputStream text = new ByteArrayOutputStream();
    for (EnvVariable variable : variables.values()) {
      text.writeBytes((variable.name() + "='").getBytes(StandardCharsets.UTF_8));
      quote(value(variable), text);
      text.writeBytes("'\n".getBytes(StandardCharsets.UTF_8));
    }
    return text.toByteArray();
  }

  private static byte[] value(EnvVariable variable) throws IOException, Unusable {
    Path file = variable.file();
    if (file == null) {
      return String.valueOf(variable.value()).getBytes(StandardCharsets.UTF_8);
    }
    byte[] value;
    try (InputStream in = Files.newInputStream(file)) {
      value = in.readNBytes(LONGEST_VALUE + 1);
    }
    if (value.length > LONGEST_VALUE) {
      throw new Unusable(file + " is longer than the 64 KiB that a variable may hold");
    }
    for (byte each : value) {
      if (each == 0) {
        throw new Unusable(file + " has a NUL character, which no variable can hold");
      }
    }
    return withoutLastLineEnd(value);
  }

  private static byte[] withoutLastLineEnd(byte[] value) {
    int length = value.length;
    if (length > 0 && value[length - 1] == '\n') {
      length--;
      if (length > 0 && value[length - 1] == '\r') {
        length--;
      }
    }
    return Arrays.copyOf(value, length);
  }

  /** Within single quotes only a single quote means something. */
  private static void quote(byte[] value, ByteArrayOutputStream text) {
    for (byte each : value) {
      if (each == '\'') {
        text.writeBytes("'\\''".getBytes(StandardCharsets.UTF_8));
      } else {
        text.write(each);
      }
    }
  }
}
