package dev.vmctl.hypervisor.qemu;

import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** Reads what QEMU's {@code info qtree} and {@code query-chardev} say of channels. */
final class QtreeText {
  private static final String AGENT = "name = \"org.qemu.guest_agent.0\"";
  private static final Pattern DEVICE = Pattern.compile("\\s*dev: .*");
  private static final Pattern CHANNEL = Pattern.compile("\\s*chardev = \"(?<label>[^\"]+)\"");
  private static final Pattern SOCKET =
      Pattern.compile("(?:disconnected:)?unix:(?<path>.+?)(?:,server=on.*|,server)");

  private QtreeText() {}

  /** The character device behind the guest agent's port; empty when there is no such port. */
  static Optional<String> agentChannel(String tree) {
    String channel = "";
    for (String line : tree.lines().toList()) {
      Matcher found = CHANNEL.matcher(line);
      if (DEVICE.matcher(line).matches()) {
        channel = "";
      } else if (found.matches()) {
        channel = found.group("label");
      } else if (line.strip().equals(AGENT) && !channel.isEmpty()) {
        return Optional.of(channel);
      }
    }
    return Optional.empty();
  }

  /** The file at which a character device listens; empty when it does not, or elsewhere. */
  static Optional<String> listening(String filename) {
    Matcher socket = SOCKET.matcher(filename);
    return socket.matches() ? Optional.of(socket.group("path")) : Optional.empty();
  }
}
