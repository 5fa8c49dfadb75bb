package dev.vmctl.network;

import dev.vmctl.model.MacAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;

/**
 * Whom this host has met on a bridge: the kernel's neighbour table of IPv4, as proc(5) shows it
 * ({@code address type flags mac mask device}). By MAC address and bridge only: another guest's
 * address is never an answer.
 */
final class Neighbours {
  private static final int ADDRESS = 0;
  private static final int FLAGS = 2;
  private static final int MAC = 3;
  private static final int DEVICE = 5;

  /** {@code ATF_COM}: the answer has come. */
  private static final int COMPLETE = 2;

  private Neighbours() {}

  static Optional<InetAddress> find(Path table, MacAddress card, String bridge) throws IOException {
    return Files.readAllLines(table).stream()
        .map(line -> line.strip().split("\\s+"))
        .filter(words -> words.length > DEVICE && words[FLAGS].startsWith("0x"))
        .filter(words -> (Integer.decode(words[FLAGS]) & COMPLETE) != 0)
        .filter(words -> words[DEVICE].equals(bridge))
        .filter(words -> MacAddress.parse(words[MAC]).equals(Optional.of(card)))
        .flatMap(words -> NumericAddress.parse(words[ADDRESS]).stream())
        .findFirst();
  }
}
