package dev.vmctl.host;

import dev.vmctl.model.MacAddress;
import java.util.Arrays;
import java.util.List;
import java.util.stream.Collectors;

/**
 * A virtual network card of illumos.
 *
 * @param over the link it is on
 * @param mac its address
 */
public record Vnic(String name, String over, MacAddress mac) {
  /** Reads a line of {@code dladm show-vnic -p -o link,over,macaddress}. */
  static Vnic parse(String line) {
    List<String> fields = Zone.fields(line);
    if (fields.size() != 3) {
      throw new IllegalArgumentException("not a line of dladm show-vnic -p: " + line);
    }
    return new Vnic(fields.get(0), fields.get(1), mac(fields.get(2)));
  }

  /** dladm leaves out zeros at the start of a byte. */
  private static MacAddress mac(String text) {
    return new MacAddress(
        Arrays.stream(text.split(":", -1))
            .map(part -> part.length() == 1 ? "0" + part : part)
            .collect(Collectors.joining(":")));
  }
}
