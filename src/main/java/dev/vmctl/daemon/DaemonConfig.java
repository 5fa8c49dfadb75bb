package dev.vmctl.daemon;

import dev.vmctl.daemon.DaemonSettings.LogFormat;
import dev.vmctl.model.ApplyPolicy;
import dev.vmctl.model.VmEvent;
import dev.vmctl.source.git.GitRepository;
import java.net.URI;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import org.jspecify.annotations.Nullable;

/**
 * What a {@code vmctl.kdl} says; null for what it does not.
 *
 * @param watch absolute
 * @param places where these and the repositories are said, by path or name
 */
record DaemonConfig(
    List<Path> watch,
    List<GitRepository> git,
    Map<String, String> places,
    @Nullable Path dataDirectory,
    @Nullable Listen listen,
    @Nullable Duration resync,
    @Nullable LogFormat log,
    @Nullable ApplyPolicy apply,
    @Nullable Integer parallel,
    @Nullable Boolean overcommit,
    @Nullable URI eventWebhook,
    @Nullable Path eventWebhookSecret,
    @Nullable Path eventExec,
    VmEvent.@Nullable Type eventType,
    @Nullable URI traces,
    @Nullable ApiListen api) {
  /** No file. */
  static final DaemonConfig NONE =
      new DaemonConfig(
          List.of(), List.of(), Map.of(), null, null, null, null, null, null, null, null, null,
          null, null, null, null);

  DaemonConfig {
    watch = List.copyOf(watch);
    git = List.copyOf(git);
    places = Map.copyOf(places);
  }
}
