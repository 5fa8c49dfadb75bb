package dev.vmctl.hypervisor.qemu;

import dev.vmctl.model.ForwardSpec;
import java.util.ArrayList;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/** Reads what QEMU's {@code info usernet} says. */
final class UsernetText {
  private static final Pattern HEAD = Pattern.compile(".*\\((?<id>[^)]+)\\):\\s*");
  private static final Pattern FORWARD =
      Pattern.compile(
          "\\s*(?<protocol>TCP|UDP)\\[HOST_FORWARD]\\s+\\d+\\s+(?<bind>[0-9.*]+)\\s+(?<host>\\d+)\\s+[0-9.]+\\s+(?<guest>\\d+).*");

  private UsernetText() {}

  /** The ports that are forwarded to any card. */
  static List<ForwardSpec> all(String said) {
    return read(said, null);
  }

  /** The ports that are forwarded to the card with this network. */
  static List<ForwardSpec> forwards(String said, String network) {
    return read(said, network);
  }

  private static List<ForwardSpec> read(String said, @Nullable String network) {
    List<ForwardSpec> found = new ArrayList<>();
    boolean here = network == null;
    for (String line : said.lines().toList()) {
      Matcher head = HEAD.matcher(line);
      if (head.matches()) {
        here = network == null || head.group("id").equals(network);
        continue;
      }
      Matcher forward = FORWARD.matcher(line);
      if (here && forward.matches()) {
        String bind = forward.group("bind");
        found.add(
            new ForwardSpec(
                forward.group("protocol").equals("UDP")
                    ? ForwardSpec.Protocol.UDP
                    : ForwardSpec.Protocol.TCP,
                bind.equals("*") ? "0.0.0.0" : bind,
                Integer.parseInt(forward.group("host")),
                Integer.parseInt(forward.group("guest"))));
      }
    }
    return found;
  }
}
