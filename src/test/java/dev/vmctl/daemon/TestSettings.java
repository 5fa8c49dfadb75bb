package dev.vmctl.daemon;

import dev.vmctl.model.EnginePolicy;
import jakarta.annotation.Priority;
import jakarta.enterprise.inject.Alternative;
import jakarta.enterprise.inject.Produces;
import jakarta.inject.Singleton;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.eclipse.microprofile.config.inject.ConfigProperty;

/** Settings for a daemon inside a test: there is no command line. */
final class TestSettings {
  @Produces
  @Alternative
  @Priority(1)
  @Singleton
  DaemonSettings settings(@ConfigProperty(name = TestDirectory.PROPERTY) String directory) {
    return new DaemonSettings(
        List.of(),
        List.of(),
        Map.of(),
        null,
        Path.of(directory),
        Listen.DEFAULT,
        Duration.ofSeconds(1),
        DaemonSettings.LogFormat.TEXT,
        EnginePolicy.STANDARD,
        EventSettings.NONE,
        null,
        null,
        null);
  }
}
