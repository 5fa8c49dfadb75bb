package dev.vmctl;

import dev.vmctl.controller.EngineSettings;
import dev.vmctl.controller.Observer;
import dev.vmctl.model.EnginePolicy;
import dev.vmctl.source.git.GitRepository;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;

/**
 * How an engine is opened.
 *
 * @param dataDirectory where everything is kept; made when it is not there
 * @param role what it is for
 * @param watch directories to follow; only for a daemon
 * @param repositories to follow; only for a daemon
 * @param places where sources are configured, for people, by path of the directory or name of the
 *     repository
 * @param lockTimeout how long to wait for others
 */
public record EngineOptions(
    Path dataDirectory,
    Role role,
    List<Path> watch,
    List<GitRepository> repositories,
    Map<String, String> places,
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
    repositories = List.copyOf(repositories);
    places = Map.copyOf(places);
    Objects.requireNonNull(lockTimeout);
    Objects.requireNonNull(settings);
    Objects.requireNonNull(observer);
  }

  public static EngineOptions daemon(Path dataDirectory, List<Path> watch, Observer observer) {
    return new EngineOptions(
        dataDirectory,
        Role.DAEMON,
        watch,
        List.of(),
        Map.of(),
        Duration.ofSeconds(60),
        EngineSettings.standard(),
        observer);
  }

  /**
   * The same, following these repositories too.
   *
   * @param configured see {@link #places}
   */
  public EngineOptions following(List<GitRepository> others, Map<String, String> configured) {
    return new EngineOptions(
        dataDirectory, role, watch, others, configured, lockTimeout, settings, observer);
  }

  /** The same with another policy for VMs that say nothing else. */
  public EngineOptions with(EnginePolicy policy) {
    return new EngineOptions(
        dataDirectory,
        role,
        watch,
        repositories,
        places,
        lockTimeout,
        settings.withPolicy(policy),
        observer);
  }

  public static EngineOptions command(Path dataDirectory, Duration lockTimeout) {
    return new EngineOptions(
        dataDirectory,
        Role.COMMAND,
        List.of(),
        List.of(),
        Map.of(),
        lockTimeout,
        EngineSettings.standard(),
        Observer.none());
  }

  /** The same for another role. */
  EngineOptions as(Role other) {
    return new EngineOptions(
        dataDirectory, other, List.of(), List.of(), Map.of(), lockTimeout, settings, observer);
  }

  public static EngineOptions reader(Path dataDirectory) {
    return new EngineOptions(
        dataDirectory,
        Role.READER,
        List.of(),
        List.of(),
        Map.of(),
        Duration.ZERO,
        EngineSettings.standard(),
        Observer.none());
  }
}
