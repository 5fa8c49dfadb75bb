package dev.vmctl.hypervisor.qemu;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.databind.ObjectMapper;
import java.util.LinkedHashMap;
import java.util.Map;

/**
 * The two ways QEMU's options are written, each safe for any value: no path can end its option and
 * start another.
 */
final class QemuOption {
  private static final ObjectMapper MAPPER = new ObjectMapper();

  private QemuOption() {}

  /** {@code key=value,key=value}: a comma in a value is doubled. */
  static String keyed(String first, Object... keysAndValues) {
    StringBuilder text = new StringBuilder(escaped(first));
    for (int i = 0; i < keysAndValues.length; i += 2) {
      text.append(',').append(keysAndValues[i]).append('=');
      text.append(escaped(String.valueOf(keysAndValues[i + 1])));
    }
    return text.toString();
  }

  static String json(Object... keysAndValues) {
    try {
      return MAPPER.writeValueAsString(map(keysAndValues));
    } catch (JsonProcessingException e) {
      throw new IllegalArgumentException(e);
    }
  }

  /** An object inside {@link #json}, keys in the order given. */
  static Map<String, Object> map(Object... keysAndValues) {
    Map<String, Object> map = new LinkedHashMap<>();
    for (int i = 0; i < keysAndValues.length; i += 2) {
      map.put((String) keysAndValues[i], keysAndValues[i + 1]);
    }
    return map;
  }

  private static String escaped(String value) {
    return value.replace(",", ",,");
  }
}
