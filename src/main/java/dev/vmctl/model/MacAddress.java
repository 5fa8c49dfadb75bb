package dev.vmctl.model;

import java.nio.charset.StandardCharsets;
import java.util.Locale;
import java.util.Optional;
import java.util.UUID;
import java.util.regex.Pattern;

/** An Ethernet address, lower-case hexadecimal with colons. */
public record MacAddress(String value) {
  private static final Pattern FORM = Pattern.compile("[0-9a-f]{2}(:[0-9a-f]{2}){5}");

  public MacAddress {
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException("not a MAC address: " + value);
    }
  }

  /** The address in a text, with small or capital letters; empty if it is none. */
  public static Optional<MacAddress> parse(String text) {
    String small = text.toLowerCase(Locale.ROOT);
    return FORM.matcher(small).matches() ? Optional.of(new MacAddress(small)) : Optional.empty();
  }

  /** An address under QEMU's prefix 52:54:00 with these 24 bits. */
  public static MacAddress underQemuPrefix(int bits) {
    return new MacAddress(
        String.format(
            "52:54:00:%02x:%02x:%02x", (bits >> 16) & 0xff, (bits >> 8) & 0xff, bits & 0xff));
  }

  /** The same address for the same VM and card, as good as random for others. */
  public static MacAddress derived(UUID vm, String card) {
    UUID digest = UUID.nameUUIDFromBytes((vm + " " + card).getBytes(StandardCharsets.UTF_8));
    return underQemuPrefix((int) digest.getLeastSignificantBits());
  }

  /** Whether it may be that of a single card: not a group's, and not none. */
  public boolean isOfOneCard() {
    boolean group = (Integer.parseInt(value.substring(1, 2), 16) & 1) == 1;
    return !group && !value.equals("00:00:00:00:00:00");
  }

  @Override
  public String toString() {
    return value;
  }
}
