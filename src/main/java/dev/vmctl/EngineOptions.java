package dev.vmctl;

import dev.vmctl.controller.EngineSettings;
import dev.vmctl.controller.Observer;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;

/**
 * How an engine is opened.
 *
 * @param dataDirectory where everything is kept; made when it is not there
 * @param role what it is for
 * @param watch directories to follow; only for a daemon
 * @param lockTimeout how long to wait for others
 */
public record EngineOptions(
    Path dataDirectory,
    Role role,
    List<Path> watch,
    Duration lockTimeout,
    EngineSettings settings,
    Observer observer) {
  /** What an engine is for. */
  public enum Role {
    /** Alone in its data directory; heals every VM. */
    DAEMON,
    /** Inside a command: acts on the VMs the command names. */
    COMMAND,
    /**
     * Records what is asked for and acts on nothing: what a daemon is until the commands before it
     * have ended.
     */
    RECORDER,
    /** Answers questions; takes no lock and changes nothing. */
    READER
  }

  public EngineOptions {
    dataDirectory = dataDirectory.toAbsolutePath().normalize();
    Objects.requireNonNull(role);
    watch = List.copyOf(watch);
    Objects.requireNonNull(lockTimeout);
    Objects.requireNonNull(settings);
    Objects.requireNonNull(observer);
  }

  public static EngineOptions daemon(Path dataDirectory, List<Path> watch, Observer observer) {
    return new EngineOptions(
        dataDirectory,
        Role.DAEMON,
        watch,
        Duration.ofSeconds(60),
        EngineSettings.standard(),
        observer);
  }

  public static EngineOptions command(Path dataDirectory, Duration lockTimeout) {
    return new EngineOptions(
        dataDirectory,
        Role.COMMAND,
        List.of(),
        lockTimeout,
        EngineSettings.standard(),
        Observer.none());
  }

  /** The same for another role. */
  EngineOptions as(Role other) {
    return new EngineOptions(dataDirectory, other, List.of(), lockTimeout, settings, observer);
  }

  public static EngineOptions reader(Path dataDirectory) {
    return new EngineOptions(
        dataDirectory,
        Role.READER,
        List.of(),
        Duration.ZERO,
        EngineSettings.standard(),
        Observer.none());
  }
}
