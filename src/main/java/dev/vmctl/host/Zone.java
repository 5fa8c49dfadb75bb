package dev.vmctl.host;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.OptionalInt;

/**
 * A zone as {@code zoneadm list -cip} shows it.
 *
 * @param id kernel's number of a zone that is up; empty for one that is not
 * @param uuid zone's own, made at its installation; empty before
 * @param brand such as {@code vmctl}, {@code omicron1} or {@code bhyve}
 * @param ipType {@code excl} or {@code shared}
 */
public record Zone(
    OptionalInt id,
    String name,
    ZoneState state,
    Path path,
    String uuid,
    String brand,
    String ipType) {
  private static final int FIELDS = 7;

  public Zone {
    Objects.requireNonNull(id);
    Objects.requireNonNull(name);
    Objects.requireNonNull(state);
    Objects.requireNonNull(path);
    Objects.requireNonNull(uuid);
    Objects.requireNonNull(brand);
    Objects.requireNonNull(ipType);
  }

  /**
   * Reads one line. Later versions append fields, so more than seven are good.
   *
   * @throws IllegalArgumentException when it is no such line
   */
  static Zone parse(String line) {
    List<String> fields = fields(line);
    if (fields.size() < FIELDS) {
      throw new IllegalArgumentException("not a line of zoneadm list -p: " + line);
    }
    String id = fields.get(0);
    ZoneState state =
        ZoneState.of(fields.get(2))
            .orElseThrow(() -> new IllegalArgumentException("not a zone state: " + fields.get(2)));
    return new Zone(
        id.equals("-") ? OptionalInt.empty() : OptionalInt.of(Integer.parseInt(id)),
        fields.get(1),
        state,
        Path.of(fields.get(3)),
        fields.get(4),
        fields.get(5),
        fields.get(6));
  }

  /** Parts between colons; a colon that is part of one has a backslash before it. */
  static List<String> fields(String line) {
    List<String> fields = new ArrayList<>();
    StringBuilder field = new StringBuilder();
    for (int i = 0; i < line.length(); i++) {
      char c = line.charAt(i);
      if (c == '\\' && i + 1 < line.length()) {
        field.append(line.charAt(++i));
      } else if (c == ':') {
        fields.add(field.toString());
        field.setLength(0);
      } else {
        field.append(c);
      }
    }
    fields.add(field.toString());
    return fields;
  }
}
