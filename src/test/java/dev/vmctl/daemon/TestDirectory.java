package dev.vmctl.daemon;

import dev.vmctl.host.LinuxHostFacts;
import dev.vmctl.model.EnginePolicy;
import io.quarkus.test.common.QuarkusTestResourceLifecycleManager;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.List;
import java.util.Map;

/** A data directory for a daemon inside a test, and the properties the command line would give. */
public final class TestDirectory implements QuarkusTestResourceLifecycleManager {
  static final String PROPERTY = "vmctl.test.directory";

  private Path directory = Path.of("/nonexistent");

  @Override
  public Map<String, String> start() {
    try {
      directory = Files.createTempDirectory("vmctl-daemon");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    DaemonSettings settings =
        new DaemonSettings(
            List.of(),
            List.of(),
            Map.of(),
            null,
            directory,
            new Listen.Loopback("127.0.0.1", 0),
            Duration.ofSeconds(1),
            DaemonSettings.LogFormat.TEXT,
            EnginePolicy.STANDARD,
            EventSettings.NONE,
            null,
            null,
            null);
    ApiSocket socket = ApiSocket.of(directory, LinuxHostFacts.ofThisProcess());
    Map<String, String> properties = new HashMap<>(QuarkusProperties.of(settings, socket));
    properties.put("quarkus.management.test-port", "0");
    properties.put(PROPERTY, directory.toString());
    return properties;
  }

  @Override
  public void stop() {
    try {
      // Empty by now: the daemon has removed its socket.
      Files.deleteIfExists(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
