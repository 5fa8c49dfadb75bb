package dev.vmctl.daemon;

import dev.vmctl.Version;
import dev.vmctl.api.http.HttpApi;
import dev.vmctl.daemon.DaemonSettings.LogFormat;
import java.util.Map;
import java.util.TreeMap;

/**
 * What Quarkus must know of the settings, as system properties: these win over the environment and
 * over the {@code .env} and {@code config/} that Quarkus would read in whatever directory the
 * daemon is started from. So all that keeps the API private is among them, the fixed values too.
 */
final class QuarkusProperties {
  private QuarkusProperties() {}

  static Map<String, String> of(DaemonSettings settings, ApiSocket socket) {
    Map<String, String> properties = new TreeMap<>();
    properties.put("quarkus.http.host-enabled", "false");
    properties.put("quarkus.http.insecure-requests", "enabled");
    properties.put("quarkus.http.domain-socket-enabled", "true");
    properties.put("quarkus.http.domain-socket", socket.path().toString());
    properties.put("quarkus.http.header.\"" + HttpApi.VERSION_HEADER + "\".value", Version.CURRENT);
    properties.put("quarkus.management.domain-socket-enabled", "false");
    switch (settings.listen()) {
      case Listen.Nowhere nowhere -> properties.put("quarkus.management.host-enabled", "false");
      case Listen.Loopback loopback -> {
        properties.put("quarkus.management.host-enabled", "true");
        properties.put("quarkus.management.host", loopback.host());
        properties.put("quarkus.management.port", Integer.toString(loopback.port()));
      }
    }
    properties.put("vmctl.resync", settings.resync().toString());
    properties.put("vmctl.resync-jitter", settings.resyncJitter().toString());
    properties.put(
        "quarkus.log.console.json.enabled", Boolean.toString(settings.log() == LogFormat.JSON));
    return properties;
  }
}
