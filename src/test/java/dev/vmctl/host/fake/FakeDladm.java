package dev.vmctl.host.fake;

import dev.vmctl.host.fake.FakeTool.Refusal;
import dev.vmctl.host.fake.FakeTool.Usage;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;

/** dladm(8): VNICs on physical links. */
public final class FakeDladm implements FakeTool {
  /** VNICs by name. */
  public final Map<String, Link> vnics = new TreeMap<>();

  /** Other links. */
  public final Set<String> physical = new TreeSet<>(Set.of("net0"));

  /** Links that a running zone holds. */
  public final Set<String> held = new TreeSet<>();

  /** A VNIC. */
  public record Link(String over, String mac) {}

  @Override
  public String run(List<String> arguments) {
    String command = arguments.isEmpty() ? "" : arguments.getFirst();
    List<String> rest = arguments.subList(Math.min(1, arguments.size()), arguments.size());
    return switch (command) {
      case "create-vnic" -> create(rest);
      case "delete-vnic" -> delete(rest);
      case "show-vnic" -> show(rest);
      default -> throw new Usage("dladm: unknown subcommand '" + command + "'");
    };
  }

  private String create(List<String> words) {
    if (words.size() != 6
        || !words.get(0).equals("-t")
        || !words.get(1).equals("-l")
        || !words.get(3).equals("-m")) {
      throw new Usage("dladm create-vnic " + words);
    }
    String over = words.get(2);
    String mac = words.get(4);
    String name = words.get(5);
    if (!name.matches("[A-Za-z][A-Za-z0-9_.]{0,29}[0-9]")) {
      throw new Refusal(1, "dladm: invalid link name '" + name + "'");
    }
    if (!physical.contains(over)) {
      throw new Refusal(1, "dladm: invalid link name '" + over + "': object not found");
    }
    int first = Integer.parseInt(mac.substring(0, 2), 16);
    if (!mac.matches("[0-9a-f]{1,2}(:[0-9a-f]{1,2}){5}") || (first & 1) != 0) {
      throw new Refusal(
          1, "dladm: vnic creation over " + over + " failed: invalid MAC address value");
    }
    if (vnics.containsKey(name) || physical.contains(name)) {
      throw new Refusal(1, "dladm: vnic creation over " + over + " failed: object already exists");
    }
    vnics.put(name, new Link(over, mac));
    return "";
  }

  private String delete(List<String> words) {
    if (words.size() != 2 || !words.get(0).equals("-t")) {
      throw new Usage("dladm delete-vnic " + words);
    }
    String name = words.get(1);
    if (!vnics.containsKey(name)) {
      throw new Refusal(1, "dladm: invalid link name '" + name + "': object not found");
    }
    if (held.contains(name)) {
      throw new Refusal(1, "dladm: vnic deletion failed: link busy");
    }
    vnics.remove(name);
    return "";
  }

  private String show(List<String> words) {
    if (words.size() < 3
        || words.size() > 4
        || !words.subList(0, 3).equals(List.of("-p", "-o", "link,over,macaddress"))) {
      throw new Usage("dladm show-vnic " + words);
    }
    List<String> names = new ArrayList<>(vnics.keySet());
    if (words.size() == 4) {
      if (!vnics.containsKey(words.get(3))) {
        throw new Refusal(1, "dladm: invalid vnic name '" + words.get(3) + "': object not found");
      }
      names = List.of(words.get(3));
    }
    return names.stream()
        .map(
            name ->
                name
                    + ":"
                    + Objects.requireNonNull(vnics.get(name)).over()
                    + ":"
                    + shown(Objects.requireNonNull(vnics.get(name)).mac())
                    + "\n")
        .collect(Collectors.joining());
  }

  /** As it prints them: without zeros in front, colons escaped. */
  private static String shown(String mac) {
    return Arrays.stream(mac.split(":"))
        .map(part -> Integer.toHexString(Integer.parseInt(part, 16)))
        .collect(Collectors.joining("\\:"));
  }
}
