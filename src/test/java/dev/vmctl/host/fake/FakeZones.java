package dev.vmctl.host.fake;

import dev.vmctl.host.fake.FakeTool.Refusal;
import dev.vmctl.host.fake.FakeTool.Usage;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;
import java.util.UUID;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** zonecfg(8) and zoneadm(8). */
public final class FakeZones {
  /** Zones but the global one, by name. */
  public final Map<String, Zone> zones = new TreeMap<>();

  /** Brands that are installed. */
  public final Set<String> brands = Set.of("vmctl", "omicron1", "ipkg", "bhyve");

  /** Told of each zone that has booted. */
  public Consumer<Zone> onBoot = zone -> {};

  /** Told of each zone that has been halted. */
  public Consumer<Zone> onHalt = zone -> {};

  private final FakeDladm links;
  private int ids;

  FakeZones(FakeDladm links) {
    this.links = links;
  }

  /** A zone. */
  public static final class Zone {
    public final String name;
    public String state = "configured";
    public int id = -1;
    public String uuid = "";
    public final Map<String, String> properties = new HashMap<>();

    /** Kind and properties of each resource. */
    public final List<Map<String, String>> resources = new ArrayList<>();

    Zone(String name) {
      this.name = name;
    }

    List<String> links() {
      return resources.stream()
          .filter(resource -> "net".equals(resource.get("")))
          .map(resource -> resource.get("physical"))
          .toList();
    }

    /** Value of an attribute; null when it has none of this name. */
    public @Nullable String attribute(String attribute) {
      return resources.stream()
          .filter(resource -> "attr".equals(resource.get("")))
          .filter(resource -> attribute.equals(resource.get("name")))
          .map(resource -> resource.get("value"))
          .findFirst()
          .orElse(null);
    }
  }

  /** Makes what others have made. */
  public Zone add(String name, String state, String path) {
    Zone zone = new Zone(name);
    zone.state = state;
    zone.id = state.equals("running") ? ++ids : -1;
    zone.properties.putAll(Map.of("zonepath", path, "brand", "ipkg", "ip-type", "shared"));
    zones.put(name, zone);
    return zone;
  }

  String zonecfg(List<String> arguments) {
    if (arguments.size() < 3 || !arguments.getFirst().equals("-z")) {
      throw new Usage("zonecfg " + arguments);
    }
    String name = arguments.get(1);
    List<String> words = arguments.subList(2, arguments.size());
    if (words.equals(List.of("delete", "-F"))) {
      return delete(name);
    }
    if (words.size() == 3 && words.get(0).equals("info") && words.get(1).equals("attr")) {
      return info(name, words.get(2));
    }
    if (words.size() != 1) {
      throw new Usage("zonecfg " + arguments);
    }
    create(name, words.getFirst());
    return "";
  }

  private Zone configured(String name) {
    Zone zone = zones.get(name);
    if (zone == null) {
      throw new Refusal(
          1, name + ": No such zone configured\nUse 'create' to begin configuring a new zone.");
    }
    return zone;
  }

  private String delete(String name) {
    Zone zone = configured(name);
    if (!zone.state.equals("configured")) {
      throw new Refusal(1, "Zone " + name + " not in configured state; delete not allowed.");
    }
    zones.remove(name);
    return "";
  }

  private String info(String name, String filter) {
    Zone zone = configured(name);
    String wanted = filter.substring("name=".length());
    String value = zone.attribute(wanted);
    return value == null
        ? "No such attr resource.\n"
        : "attr:\n\tname: " + wanted + "\n\ttype: string\n\tvalue: " + value + "\n";
  }

  /** A script is one transaction: nothing of it counts before its commit. */
  private void create(String name, String script) {
    Zone zone = new Zone(name);
    Map<String, String> resource = null;
    boolean created = false;
    boolean committed = false;
    for (String line : script.split("; ")) {
      if (line.equals("create -b") && !created) {
        if (zones.containsKey(name)) {
          throw new Refusal(1, "Zone " + name + " already exists; create not allowed.");
        }
        created = true;
      } else if (line.startsWith("add options [") && resource != null) {
        resource.put("options", line.substring("add options ".length()));
      } else if (line.startsWith("add ") && resource == null) {
        resource = new HashMap<>(Map.of("", line.substring(4)));
      } else if (line.equals("end") && resource != null) {
        requireComplete(resource);
        zone.resources.add(resource);
        resource = null;
      } else if (line.startsWith("set ") && line.contains("=")) {
        int equals = line.indexOf('=');
        set(
            resource == null ? zone.properties : resource,
            resource != null,
            line.substring(4, equals),
            line.substring(equals + 1));
      } else if (line.equals("verify") && resource == null) {
        verify(zone);
      } else if (line.equals("commit") && resource == null) {
        committed = true;
      } else {
        throw new Usage("zonecfg: syntax error at '" + line + "'");
      }
    }
    if (!created || !committed) {
      throw new Usage("zonecfg: nothing was committed");
    }
    zones.put(name, zone);
  }

  private static void set(
      Map<String, String> into, boolean inResource, String property, String value) {
    Set<String> allowed =
        !inResource
            ? Set.of("brand", "zonepath", "autoboot", "ip-type", "limitpriv", "bootargs")
            : switch (Objects.requireNonNull(into.get(""))) {
              case "net" -> Set.of("physical", "allowed-address", "defrouter");
              case "device" -> Set.of("match");
              case "fs" -> Set.of("dir", "special", "type");
              case "attr" -> Set.of("name", "type", "value");
              default -> throw new Usage("zonecfg: unknown resource type " + into.get(""));
            };
    if (!allowed.contains(property)) {
      throw new Usage("zonecfg: unknown property " + property);
    }
    if (property.equals("name") && !value.matches("[A-Za-z0-9][A-Za-z0-9_./-]*")) {
      throw new Refusal(1, value + ": invalid attr name");
    }
    boolean quoted = value.startsWith("\"") && value.endsWith("\"");
    into.put(property, quoted ? value.substring(1, value.length() - 1) : value);
  }

  private static void requireComplete(Map<String, String> resource) {
    List<String> required =
        switch (Objects.requireNonNull(resource.get(""))) {
          case "net" -> List.of("physical");
          case "device" -> List.of("match");
          case "fs" -> List.of("dir", "special", "type");
          default -> List.of("name", "type", "value");
        };
    for (String property : required) {
      if (!resource.containsKey(property)) {
        throw new Refusal(1, property + " not specified");
      }
    }
  }

  private void verify(Zone zone) {
    String path = zone.properties.get("zonepath");
    if (path == null) {
      throw new Refusal(1, "zonepath cannot be empty.\nZone " + zone.name + " failed to verify");
    }
    if (!brands.contains(zone.properties.get("brand"))) {
      throw new Refusal(1, zone.name + ": Zone has an invalid brand");
    }
    boolean taken =
        zones.values().stream().anyMatch(other -> path.equals(other.properties.get("zonepath")));
    if (taken) {
      throw new Refusal(1, "zonepath (" + path + ") conflicts with another zone");
    }
  }

  String zoneadm(List<String> arguments) {
    if (arguments.equals(List.of("list", "-cip"))) {
      return list();
    }
    if (arguments.size() < 3 || !arguments.getFirst().equals("-z")) {
      throw new Usage("zoneadm " + arguments);
    }
    Zone zone = zones.get(arguments.get(1));
    if (zone == null) {
      throw new Refusal(1, "zoneadm: " + arguments.get(1) + ": No such zone configured");
    }
    return switch (String.join(" ", arguments.subList(2, arguments.size()))) {
      case "install" -> install(zone);
      case "boot" -> boot(zone);
      case "halt" -> halt(zone);
      case "uninstall -F" -> uninstall(zone);
      default -> throw new Usage("zoneadm " + arguments);
    };
  }

  private String list() {
    StringBuilder out = new StringBuilder("0:global:running:/::ipkg:shared\n");
    zones.forEach(
        (name, zone) ->
            out.append(zone.id < 0 ? "-" : Integer.toString(zone.id))
                .append(':')
                .append(name)
                .append(':')
                .append(zone.state)
                .append(':')
                .append(Objects.requireNonNull(zone.properties.get("zonepath")).replace(":", "\\:"))
                .append(':')
                .append(zone.uuid)
                .append(':')
                .append(zone.properties.get("brand"))
                .append(':')
                .append("exclusive".equals(zone.properties.get("ip-type")) ? "excl" : "shared")
                .append('\n'));
    return out.toString();
  }

  private static Refusal refusal(Zone zone, String why) {
    return new Refusal(1, "zoneadm: zone '" + zone.name + "': " + why);
  }

  private static void requireDown(Zone zone, String command) {
    if (Set.of("ready", "running", "shutting_down", "down", "mounted").contains(zone.state)) {
      throw refusal(zone, command + " operation is invalid for " + zone.state + " zones.");
    }
  }

  private String install(Zone zone) {
    requireDown(zone, "install");
    switch (zone.state) {
      case "installed" -> throw refusal(zone, "is already installed.");
      case "incomplete" -> throw refusal(zone, "zone is incomplete; uninstall required.");
      default -> {
        zone.state = "installed";
        zone.uuid = UUID.nameUUIDFromBytes(zone.name.getBytes(StandardCharsets.UTF_8)).toString();
      }
    }
    return "";
  }

  private String uninstall(Zone zone) {
    requireDown(zone, "uninstall");
    if (zone.state.equals("configured")) {
      throw refusal(zone, "is already in state 'configured'.");
    }
    zone.state = "configured";
    zone.uuid = "";
    return "";
  }

  private String boot(Zone zone) {
    switch (zone.state) {
      case "configured", "incomplete" -> throw refusal(zone, "must be installed before boot.");
      case "shutting_down", "down", "mounted" ->
          throw new Refusal(
              1,
              "zone '"
                  + zone.name
                  + "': boot operation is invalid for zones in state '"
                  + zone.state
                  + "'\nzoneadm: zone '"
                  + zone.name
                  + "': call to zoneadmd failed");
      case "running" -> {
        // Not an error: "zone is already booted" on stderr.
      }
      default -> {
        for (String link : zone.links()) {
          if (!links.vnics.containsKey(link) || links.held.contains(link)) {
            throw new Refusal(
                1,
                "zone '"
                    + zone.name
                    + "': unable to hold network interface '"
                    + link
                    + "'.: Invalid argument\nzoneadm: zone '"
                    + zone.name
                    + "': call to zoneadmd failed");
          }
        }
        links.held.addAll(zone.links());
        zone.state = "running";
        zone.id = ++ids;
        onBoot.accept(zone);
      }
    }
    return "";
  }

  private String halt(Zone zone) {
    if (zone.state.equals("mounted")) {
      throw new Refusal(
          1,
          "zone '"
              + zone.name
              + "': halt operation is invalid for zones in state 'mounted'\nzoneadm: zone '"
              + zone.name
              + "': call to zoneadmd failed");
    }
    if (zone.id >= 0 || !zone.state.equals("installed")) {
      if (Set.of("configured", "incomplete").contains(zone.state)) {
        return "";
      }
      zone.links().forEach(links.held::remove);
      zone.state = "installed";
      zone.id = -1;
      onHalt.accept(zone);
    }
    return "";
  }
}
