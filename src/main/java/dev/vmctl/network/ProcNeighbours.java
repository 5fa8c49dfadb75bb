package dev.vmctl.network;

import dev.vmctl.model.MacAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** The table as proc(5) of Linux shows it: {@code address type flags mac mask device}. */
record ProcNeighbours(Path table) implements Neighbours {
  private static final int ADDRESS = 0;
  private static final int FLAGS = 2;
  private static final int MAC = 3;
  private static final int DEVICE = 5;

  /** {@code ATF_COM}: the answer has come. */
  private static final int COMPLETE = 2;

  @Override
  public Optional<InetAddress> find(MacAddress card, @Nullable String link) throws IOException {
    return Files.readAllLines(table).stream()
        .map(line -> line.strip().split("\\s+"))
        .filter(words -> words.length > DEVICE && words[FLAGS].startsWith("0x"))
        .filter(words -> (Integer.decode(words[FLAGS]) & COMPLETE) != 0)
        .filter(words -> link == null || words[DEVICE].equals(link))
        .filter(words -> MacAddress.parse(words[MAC]).equals(Optional.of(card)))
        .flatMap(words -> NumericAddress.parse(words[ADDRESS]).stream())
        .findFirst();
  }
}
