package dev.vmctl.hypervisor.propolis;

import dev.vmctl.host.HostCommands;
import dev.vmctl.model.MacAddress;
import java.net.InetAddress;
import java.net.UnknownHostException;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;
import java.util.stream.Collectors;

/**
 * Whom this host has met on its links, as arp(8) of illumos shows it. By MAC address only: an
 * address that was another guest's yesterday must not be taken for this one's.
 */
final class Neighbours {
  private static final Pattern ADDRESS = Pattern.compile("\\d{1,3}(\\.\\d{1,3}){3}");

  private final HostCommands commands;

  Neighbours(HostCommands commands) {
    this.commands = commands;
  }

  /** The IPv4 address that was last seen with this MAC address. */
  Optional<InetAddress> find(MacAddress mac) {
    return commands
        .require(List.of("arp", "-an"))
        .lines()
        .map(line -> line.strip().split("\\s+"))
        .filter(words -> words.length >= 3 && ADDRESS.matcher(words[1]).matches())
        .filter(words -> isSame(mac, words[words.length - 1]))
        .map(words -> address(words[1]))
        .findFirst();
  }

  /** Zeros at the start of a byte may be left out. */
  private static boolean isSame(MacAddress mac, String text) {
    return mac.value()
        .equals(
            Arrays.stream(text.split(":", -1))
                .map(part -> part.length() == 1 ? "0" + part : part)
                .collect(Collectors.joining(":")));
  }

  private static InetAddress address(String text) {
    try {
      return InetAddress.getByName(text);
    } catch (UnknownHostException e) {
      throw new IllegalStateException("no name, and yet not found: " + text, e);
    }
  }
}
