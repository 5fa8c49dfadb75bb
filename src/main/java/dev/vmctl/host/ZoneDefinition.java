package dev.vmctl.host;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.TreeMap;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * What a zone is to be, always with an IP stack of its own, never started with the host.
 *
 * @param name letters, digits and {@code _ - .}; 63 at most
 * @param owner the VM it belongs to; kept in it as attribute {@value #OWNER}
 * @param brand name of an installed brand
 * @param path where it lives; absolute
 * @param links its network interfaces
 * @param devices patterns of device paths it may use, such as {@code /dev/vmm/*}
 * @param directories of the host that it sees, read only if so marked
 * @param attributes further ones, by name: for what runs in it
 */
public record ZoneDefinition(
    String name,
    UUID owner,
    String brand,
    Path path,
    List<Link> links,
    List<String> devices,
    List<SharedDirectory> directories,
    Map<String, String> attributes) {
  /** Attribute that says whose it is; zonecfg allows no colon in such a name. */
  static final String OWNER = "vmctl-owner";

  private static final Pattern NAME = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]{0,62}");
  private static final Pattern ATTRIBUTE = Pattern.compile("[A-Za-z0-9][A-Za-z0-9_.-]*");

  /**
   * @param physical name of the link
   * @param address with prefix length, set when the zone boots; null to leave it to the zone
   * @param router default router; null for none
   */
  public record Link(String physical, @Nullable String address, @Nullable String router) {
    public Link {
      Objects.requireNonNull(physical);
    }
  }

  /**
   * @param inside where the zone sees it
   * @param outside where it is
   */
  public record SharedDirectory(Path inside, Path outside, boolean readOnly) {}

  public ZoneDefinition {
    if (!isName(name)) {
      throw new IllegalArgumentException("not a zone name: " + name);
    }
    Objects.requireNonNull(owner);
    if (!path.isAbsolute()) {
      throw new IllegalArgumentException("not an absolute path: " + path);
    }
    links = List.copyOf(links);
    devices = List.copyOf(devices);
    directories = List.copyOf(directories);
    attributes = Map.copyOf(attributes);
    attributes
        .keySet()
        .forEach(
            key -> {
              if (!ATTRIBUTE.matcher(key).matches() || key.equals(OWNER)) {
                throw new IllegalArgumentException("not a name for an attribute: " + key);
              }
            });
  }

  static boolean isName(String text) {
    return NAME.matcher(text).matches() && !text.equals("global") && !text.startsWith("SYS");
  }

  /** The subcommands of zonecfg that make it, in one transaction. */
  String script() {
    List<String> lines = new ArrayList<>();
    // Without a template: nothing is in the zone that is not written here.
    lines.add("create -b");
    lines.add("set brand=" + quoted(brand));
    lines.add("set zonepath=" + quoted(path.toString()));
    lines.add("set autoboot=false");
    lines.add("set ip-type=exclusive");
    for (Link link : links) {
      lines.add("add net");
      lines.add("set physical=" + quoted(link.physical()));
      if (link.address() != null) {
        lines.add("set allowed-address=" + quoted(link.address()));
      }
      if (link.router() != null) {
        lines.add("set defrouter=" + quoted(link.router()));
      }
      lines.add("end");
    }
    for (String device : devices) {
      lines.add("add device");
      lines.add("set match=" + quoted(device));
      lines.add("end");
    }
    for (SharedDirectory directory : directories) {
      lines.add("add fs");
      lines.add("set dir=" + quoted(directory.inside().toString()));
      lines.add("set special=" + quoted(directory.outside().toString()));
      lines.add("set type=lofs");
      lines.add("add options [" + (directory.readOnly() ? "ro,nodevices" : "rw,nodevices") + "]");
      lines.add("end");
    }
    attribute(lines, OWNER, owner.toString());
    new TreeMap<>(attributes).forEach((key, value) -> attribute(lines, key, value));
    lines.add("verify");
    lines.add("commit");
    return String.join("; ", lines);
  }

  private static void attribute(List<String> lines, String key, String value) {
    lines.add("add attr");
    lines.add("set name=" + key);
    lines.add("set type=string");
    lines.add("set value=" + quoted(value));
    lines.add("end");
  }

  /** Within quotation marks everything but such a mark stands for itself. */
  private static String quoted(String value) {
    if (value.chars().anyMatch(c -> c == '"' || c < ' ')) {
      throw new IllegalArgumentException("zonecfg cannot hold this value: " + value);
    }
    return '"' + value + '"';
  }
}
