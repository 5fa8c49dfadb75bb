package dev.vmctl.model;

import java.util.regex.Pattern;

/** An Ethernet address, lower-case hexadecimal with colons. */
public record MacAddress(String value) {
  private static final Pattern FORM = Pattern.compile("[0-9a-f]{2}(:[0-9a-f]{2}){5}");

  public MacAddress {
    if (!FORM.matcher(value).matches()) {
      throw new IllegalArgumentException("not a MAC address: " + value);
    }
  }

  /** An address under QEMU's prefix 52:54:00 with these 24 bits. */
  public static MacAddress underQemuPrefix(int bits) {
    return new MacAddress(
        String.format(
            "52:54:00:%02x:%02x:%02x", (bits >> 16) & 0xff, (bits >> 8) & 0xff, bits & 0xff));
  }

  @Override
  public String toString() {
    return value;
  }
}
