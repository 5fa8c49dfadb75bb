package dev.vmctl.network;

import dev.vmctl.model.MacAddress;
import java.io.IOException;
import java.net.InetAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Who has leased which address, in the words of a DHCP server's own file: dnsmasq's lines ({@code
 * expiry mac address name client}), or dhcpd.leases(5) of ISC. By MAC address alone: names are the
 * guests' own claims, and an address was another guest's yesterday.
 */
final class Leases {
  private static final Pattern ISC =
      Pattern.compile("lease\\s+(\\S+)\\s*\\{(.*?)\\}", Pattern.DOTALL);
  private static final Pattern HARDWARE =
      Pattern.compile("hardware\\s+ethernet\\s+([^;\\s]+)\\s*;");
  private static final Pattern ENDS = Pattern.compile("(?:^|;)\\s*ends\\s+(?:\\d\\s+)?([^;]+);");
  private static final Pattern STATE =
      Pattern.compile("(?:^|;)\\s*binding\\s+state\\s+(\\w+)\\s*;");
  private static final DateTimeFormatter TIME =
      DateTimeFormatter.ofPattern("yyyy/MM/dd HH:mm:ss", Locale.ROOT);

  private static final int EXPIRY = 0;
  private static final int MAC = 1;
  private static final int ADDRESS = 2;
  private static final int FIELDS = 5;

  private Leases() {}

  /** The address that a card holds by this file now; the last entry counts. */
  static Optional<InetAddress> find(Path file, MacAddress card, Instant now) throws IOException {
    // Names of clients may be in any encoding.
    String text = Files.readString(file, StandardCharsets.ISO_8859_1);
    Optional<InetAddress> found = isc(text, card, now);
    return found.isPresent() ? found : dnsmasq(text, card, now);
  }

  private static Optional<InetAddress> dnsmasq(String text, MacAddress card, Instant now) {
    return text.lines()
        .map(line -> line.strip().split("\\s+"))
        .filter(words -> words.length >= FIELDS && words[EXPIRY].matches("\\d{1,18}"))
        .filter(words -> MacAddress.parse(words[MAC]).equals(Optional.of(card)))
        .filter(words -> isCurrent(Long.parseLong(words[EXPIRY]), now))
        .flatMap(words -> NumericAddress.parse(words[ADDRESS]).stream())
        .reduce((earlier, later) -> later);
  }

  /** A lease that never ends has 0. */
  private static boolean isCurrent(long expiry, Instant now) {
    return expiry == 0 || expiry > now.getEpochSecond();
  }

  private static Optional<InetAddress> isc(String text, MacAddress card, Instant now) {
    Optional<InetAddress> found = Optional.empty();
    Matcher leases = ISC.matcher(text);
    while (leases.find()) {
      String body = leases.group(2);
      Optional<InetAddress> address = NumericAddress.parse(leases.group(1));
      boolean ours = first(HARDWARE, body).flatMap(MacAddress::parse).equals(Optional.of(card));
      if (ours && isActive(body, now)) {
        found = address;
      } else if (found.isPresent() && found.equals(address)) {
        // A later entry gives the address to another, or back.
        found = Optional.empty();
      }
    }
    return found;
  }

  private static boolean isActive(String body, Instant now) {
    boolean bound = first(STATE, body).map("active"::equals).orElse(true);
    return bound && first(ENDS, body).map(String::strip).map(end -> isAfter(end, now)).orElse(true);
  }

  private static boolean isAfter(String end, Instant now) {
    if (end.equals("never")) {
      return true;
    }
    if (end.matches("epoch\\s+\\d{1,18}.*")) {
      return Long.parseLong(end.split("\\s+")[1]) > now.getEpochSecond();
    }
    try {
      return LocalDateTime.parse(end, TIME).toInstant(ZoneOffset.UTC).isAfter(now);
    } catch (DateTimeParseException e) {
      // A time that we cannot read promises nothing.
      return false;
    }
  }

  private static Optional<String> first(Pattern pattern, String text) {
    Matcher matcher = pattern.matcher(text);
    return matcher.find() ? Optional.of(matcher.group(1)) : Optional.empty();
  }
}
