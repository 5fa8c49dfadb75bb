package dev.vmctl.network;

import dev.vmctl.model.MacAddress;
import java.nio.charset.StandardCharsets;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.UUID;

/**
 * What a tap device of ours is called, and the mark by which it is known as ours. The name is short
 * (the kernel takes 15 bytes) and so may be another's by chance; the mark, the hardware address of
 * the host's end, holds 40 bits of a digest of the VM's whole uuid and the card, and is there
 * before the device can outlive the process that makes it.
 *
 * @param card number of the card in its VM, from 0
 */
record TapName(UUID vm, int card) {
  /** As bridges take the lowest address of their ports for their own, ours must be high. */
  private static final int HIGHEST_LOCAL_UNICAST = 0xfe;

  /** Such as {@code vt01234567}, and {@code vt01234567n1} for the second card. */
  String text() {
    return "vt" + vm.toString().substring(0, 8) + (card == 0 ? "" : "n" + card);
  }

  MacAddress mark() {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(("vmctl tap " + vm + " " + card).getBytes(StandardCharsets.UTF_8));
      return new MacAddress(
          String.format(
              "%02x:%02x:%02x:%02x:%02x:%02x",
              HIGHEST_LOCAL_UNICAST, digest[0], digest[1], digest[2], digest[3], digest[4]));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
