package dev.vmctl;

import dev.vmctl.controller.Engine;
import dev.vmctl.controller.SourceOpener;
import dev.vmctl.host.HostFacts;
import dev.vmctl.model.AddedSource;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.SourceId;
import dev.vmctl.model.VmEvent;
import dev.vmctl.model.VmException;
import dev.vmctl.source.DirectorySource;
import dev.vmctl.source.DirectoryWatch;
import dev.vmctl.source.Source;
import dev.vmctl.source.git.GitAuth;
import dev.vmctl.source.git.GitFollower;
import dev.vmctl.source.git.GitRepository;
import dev.vmctl.source.git.GitSource;
import dev.vmctl.store.DataDirectory;
import dev.vmctl.vmfile.VmFileReader;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;

/** The sources of a daemon: those it was configured with, and those that commands have added. */
final class HostSources implements SourceOpener, AutoCloseable {
  /** Where something is said to be from that no file names. */
  private static final String COMMAND_LINE = "the daemon's command line or environment";

  private final HostFacts facts;
  private final VmFileReader reader;
  private final Clock clock = Clock.systemUTC();
  private final AtomicReference<@Nullable Engine> engine = new AtomicReference<>();
  private final Map<SourceId, String> places = new HashMap<>();
  private final Map<SourceId, GitRepository> repositories = new LinkedHashMap<>();
  private final Map<SourceId, AutoCloseable> followers = new LinkedHashMap<>();
  private final FetchedFiles fetched;

  /** Followers that were told to end, of a repository each, and the files it may still write. */
  private final Map<GitFollower, Path> ending = new HashMap<>();

  HostSources(DataDirectory data, HostFacts facts, VmFileReader reader) {
    this.fetched = new FetchedFiles(data);
    this.facts = facts;
    this.reader = reader;
  }

  /** Opens those that are configured. */
  synchronized List<Source> open(EngineOptions options) {
    List<Source> all = new ArrayList<>();
    for (Path directory : options.watch()) {
      all.add(configured(directory(directory), options.places().get(directory.toString())));
    }
    for (GitRepository each : options.repositories()) {
      all.add(configured(repository(each), options.places().get(each.name())));
    }
    return all;
  }

  private Source configured(Source source, @Nullable String place) {
    places.put(source.id(), Objects.requireNonNullElse(place, COMMAND_LINE));
    return source;
  }

  @Override
  public synchronized Source open(AddedSource added) {
    AddedSource.Repository repository = added.repository();
    if (repository == null) {
      return directory(Objects.requireNonNull(added.directory()));
    }
    try {
      return repository(settings(added.name(), repository));
    } catch (IllegalArgumentException e) {
      throw new VmException(
          ErrorCode.USAGE, added.name() + ": " + e.getMessage(), "see: vmctl source add --help", e);
    }
  }

  private static GitRepository settings(String name, AddedSource.Repository added) {
    GitAuth auth =
        new GitAuth(
            added.tokenFile(),
            added.sshKey(),
            added.knownHosts(),
            Objects.requireNonNullElse(added.user(), GitAuth.DEFAULT_USER));
    Optional<String> problem = auth.problem(added.url());
    if (problem.isPresent()) {
      throw new IllegalArgumentException(problem.get());
    }
    Long seconds = added.intervalSeconds();
    return new GitRepository(
        name,
        added.url(),
        added.branch(),
        added.path(),
        seconds == null ? GitRepository.DEFAULT_INTERVAL : Duration.ofSeconds(seconds),
        auth,
        Set.of(),
        GitRepository.DEFAULT_MAX_BYTES,
        added.signers(),
        added.webhookSecretFile());
  }

  private Source directory(Path directory) {
    return new DirectorySource(directory, reader, clock);
  }

  private Source repository(GitRepository repository) {
    return new GitSource(repository, fetched.of(repository.id()), reader, clock);
  }

  /** Begins to wake this engine for these. */
  void follow(Engine by, List<Source> all) {
    engine.set(by);
    all.forEach(this::follow);
  }

  @Override
  public synchronized void follow(Source source) {
    Engine woken = Objects.requireNonNull(engine.get());
    followers.put(
        source.id(),
        switch (source) {
          case GitSource git -> {
            repositories.put(git.id(), git.repository());
            yield GitFollower.start(
                git, facts.home(), new SecureRandom(), woken::syncSources, notices(woken));
          }
          case DirectorySource directory ->
              DirectoryWatch.start(directory.directory(), woken::syncSources);
          default -> throw new IllegalArgumentException("nothing follows " + source.id());
        });
  }

  private static GitFollower.Notices notices(Engine engine) {
    return new GitFollower.Notices() {
      @Override
      public void normal(String reason, String message) {
        engine.tell(VmEvent.Type.NORMAL, reason, message);
      }

      @Override
      public void warning(String reason, String message) {
        engine.tell(VmEvent.Type.WARNING, reason, message);
      }
    };
  }

  @Override
  public synchronized void leave(SourceId source) {
    repositories.remove(source);
    AutoCloseable follower = followers.remove(source);
    if (follower != null) {
      close(follower);
    }
    if (follower instanceof GitFollower git) {
      ending.put(git, fetched.of(source));
    }
    fetched.mark(source);
  }

  @Override
  public synchronized void sweep() {
    ending.keySet().removeIf(GitFollower::isOver);
    Engine told = Objects.requireNonNull(engine.get());
    fetched.sweep(
        repositories.keySet(),
        ending.values(),
        e -> told.tell(VmEvent.Type.WARNING, "SourceNotSwept", e.getMessage()));
  }

  @Override
  public synchronized String place(SourceId source) {
    return places.getOrDefault(source, "");
  }

  /** The repositories that are followed now. */
  synchronized List<GitRepository> repositories() {
    return List.copyOf(repositories.values());
  }

  @Override
  public synchronized void close() {
    followers.values().forEach(HostSources::close);
    followers.clear();
  }

  private static void close(AutoCloseable follower) {
    try {
      follower.close();
    } catch (RuntimeException e) {
      throw e;
    } catch (Exception e) {
      throw new IllegalStateException("a source cannot be left", e);
    }
  }
}
