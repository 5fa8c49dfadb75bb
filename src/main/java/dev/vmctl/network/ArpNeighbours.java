package dev.vmctl.network;

import dev.vmctl.host.HostCommands;
import dev.vmctl.model.MacAddress;
import java.net.InetAddress;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The table as {@code arp -an} shows it, which FreeBSD and illumos do each in its own way. */
final class ArpNeighbours implements Neighbours {
  /** {@code ? (192.168.7.22) at 52:54:00:aa:bb:01 on br0 expires in 1186 seconds [bridge]}. */
  private static final Pattern FREEBSD =
      Pattern.compile("\\S+ \\((?<address>\\S+)\\) at (?<mac>[0-9a-f:]+) on (?<link>\\S+)( .*)?");

  /** {@code net0 192.168.7.22 255.255.255.255 SD 52:54:0:aa:bb:1}; flags may be none. */
  private static final Pattern ILLUMOS =
      Pattern.compile("(?<link>\\S+)\\s+(?<address>[0-9.]+)\\s+[0-9.]+\\s.*?(?<mac>[0-9a-f:]+)");

  private final HostCommands commands;

  ArpNeighbours(HostCommands commands) {
    this.commands = commands;
  }

  @Override
  public Optional<InetAddress> find(MacAddress card, @Nullable String link) {
    return commands
        .require(List.of("arp", "-an"))
        .lines()
        .flatMap(line -> row(line.strip()).stream())
        .filter(row -> link == null || row.group("link").equals(link))
        .filter(row -> isSame(card, row.group("mac")))
        .flatMap(row -> NumericAddress.parse(row.group("address")).stream())
        .findFirst();
  }

  /** Empty for a heading, and for a neighbour that has not answered. */
  private static Optional<Matcher> row(String line) {
    return List.of(FREEBSD, ILLUMOS).stream()
        .map(pattern -> pattern.matcher(line))
        .filter(Matcher::matches)
        .findFirst();
  }

  /** Zeros at the start of a byte may be left out. */
  private static boolean isSame(MacAddress card, String text) {
    return card.value()
        .equals(
            Arrays.stream(text.split(":", -1))
                .map(part -> part.length() == 1 ? "0" + part : part)
                .collect(Collectors.joining(":")));
  }
}
