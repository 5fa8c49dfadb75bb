package dev.vmctl.guest;

import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;

/** How the system's {@code ssh} is told to trust a guest's pinned host key and nothing else. */
public final class OpenSshSettings {
  private OpenSshSettings() {}

  /**
   * By the names of {@code ssh_config(5)}.
   *
   * @param strict whether an unknown host key is refused instead of pinned
   */
  public static Map<String, String> of(Path knownHosts, String hostKeyAlias, boolean strict) {
    Map<String, String> settings = new LinkedHashMap<>();
    settings.put("IdentitiesOnly", "yes");
    settings.put("UserKnownHostsFile", quoted(knownHosts));
    settings.put("GlobalKnownHostsFile", "none");
    settings.put("HostKeyAlias", hostKeyAlias);
    settings.put("StrictHostKeyChecking", strict ? "yes" : "accept-new");
    settings.put("UpdateHostKeys", "no");
    settings.put("LogLevel", "ERROR");
    // A guest that has died says no word: without this ssh would wait for one for ever.
    settings.put("ServerAliveInterval", "15");
    return settings;
  }

  /** A path that means itself: ssh splits at blanks, takes off quotes and replaces %h and such. */
  public static String quoted(Path file) {
    return '"'
        + file.toString().replace("%", "%%").replace("\\", "\\\\").replace("\"", "\\\"")
        + '"';
  }
}
