package dev.vmctl.daemon;

import dev.vmctl.host.HostFacts;
import dev.vmctl.model.EnginePolicy;
import dev.vmctl.source.git.GitRepository;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a daemon was asked to run.
 *
 * @param watch directories of VMFiles to follow; absolute, may be none
 * @param repositories to follow; no name twice
 * @param places where the file says these, by path or name
 * @param config the file this was read from; null for none
 * @param dataDirectory where the engine keeps everything; absolute
 * @param resync how often everything is looked at anew, 1 s to 1 h
 * @param policy what holds for VMs that say nothing else
 * @param events where these go besides the journal
 * @param traces collector of OpenTelemetry that each reconcile is told to; null for none
 * @param api where the API is served on TCP; null for nowhere
 * @param systemSocket of the daemon of the whole host, for the users of its group; null for one
 *     that is a user's own
 */
record DaemonSettings(
    List<Path> watch,
    List<GitRepository> repositories,
    Map<String, String> places,
    @Nullable Path config,
    Path dataDirectory,
    Listen listen,
    Duration resync,
    LogFormat log,
    EnginePolicy policy,
    EventSettings events,
    @Nullable URI traces,
    @Nullable ApiListen api,
    @Nullable Path systemSocket) {
  static final Duration SHORTEST_RESYNC = Duration.ofSeconds(1);
  static final Duration LONGEST_RESYNC = Duration.ofHours(1);

  /** How log lines look. */
  enum LogFormat {
    TEXT,
    JSON
  }

  DaemonSettings {
    watch = List.copyOf(watch);
    repositories = List.copyOf(repositories);
    places = Map.copyOf(places);
    Objects.requireNonNull(listen);
    Objects.requireNonNull(log);
    Objects.requireNonNull(policy);
    Objects.requireNonNull(events);
    if (!dataDirectory.isAbsolute() || !watch.stream().allMatch(Path::isAbsolute)) {
      throw new IllegalArgumentException("not absolute: " + dataDirectory + ", " + watch);
    }
    if (resync.compareTo(SHORTEST_RESYNC) < 0 || resync.compareTo(LONGEST_RESYNC) > 0) {
      throw new IllegalArgumentException("resync " + resync);
    }
  }

  ApiSocket socket(HostFacts host) {
    return systemSocket == null
        ? ApiSocket.of(dataDirectory, host)
        : ApiSocket.ofSystem(systemSocket, dataDirectory);
  }

  /** Each resync starts up to this much late, so two are the period ± a tenth of it apart. */
  Duration resyncJitter() {
    return resync.dividedBy(10);
  }
}
