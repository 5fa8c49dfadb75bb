package dev.vmctl.source.git;

import dev.vmctl.host.FileTrees;
import dev.vmctl.host.Log;
import dev.vmctl.model.Diagnostic;
import dev.vmctl.model.Diagnostic.Severity;
import dev.vmctl.model.VmException;
import dev.vmctl.source.Snapshot;
import dev.vmctl.source.Snapshot.Trust;
import dev.vmctl.vmfile.VmFileDiscovery;
import java.io.IOException;
import java.lang.System.Logger;
import java.lang.System.Logger.Level;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.Semaphore;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Repository;

/**
 * Follows one repository: looks at its branch now and then, or when woken, and brings a new commit.
 * A thread of its own, as the other end may take its time.
 */
public final class GitFollower implements AutoCloseable {
  private static final Logger LOG = Log.of(GitFollower.class);

  /** Not more often, however often it is woken. */
  private static final Duration PAUSE = Duration.ofMillis(250);

  private static final Duration FIRST_RETRY = Duration.ofSeconds(2);
  private static final Duration LAST_RETRY = Duration.ofMinutes(5);
  private static final Duration ENDING = Duration.ofSeconds(2);

  /** Where what is worth an event is told. */
  public interface Notices {
    void normal(String reason, String message);

    void warning(String reason, String message);
  }

  private final GitSource source;
  private final GitRemote remote;
  private final RandomGenerator random;
  private final Runnable onChange;
  private final Notices notices;
  private final Semaphore wake = new Semaphore(0);
  private final Thread thread;
  private volatile boolean closed;
  private int failures;

  private GitFollower(
      GitSource source, Path home, RandomGenerator random, Runnable onChange, Notices notices) {
    this.source = source;
    this.remote = new GitRemote(source.repository(), source.home().resolve("repository"), home);
    this.random = random;
    this.onChange = onChange;
    this.notices = notices;
    this.thread = Thread.ofVirtual().name("follow " + source.name()).unstarted(this::run);
    source.wakes(wake::release);
  }

  /**
   * Begins to follow.
   *
   * @param home of the user, with its SSH keys
   * @param onChange called by the follower's thread when the source reads otherwise than before
   */
  public static GitFollower start(
      GitSource source, Path home, RandomGenerator random, Runnable onChange, Notices notices) {
    GitFollower follower = new GitFollower(source, home, random, onChange, notices);
    follower.thread.start();
    return follower;
  }

  private void run() {
    try {
      boolean asked = true;
      while (!closed) {
        Duration next = source.isSuspended() ? GitRepository.LONGEST : turn(asked);
        asked = sleep(next);
      }
    } catch (InterruptedException e) {
      LOG.log(Level.ERROR, "interrupted, follows no more: " + source.id(), e);
    } finally {
      remote.close();
    }
  }

  /** Returns whether somebody asked for it to end. */
  private boolean sleep(Duration time) throws InterruptedException {
    // Woken or not: what comes meanwhile is kept for the next turn.
    boolean over = wake.tryAcquire(Math.max(0, time.toMillis()), TimeUnit.MILLISECONDS);
    wake.drainPermits();
    return over;
  }

  /**
   * Looks once.
   *
   * @param asked whether somebody asked: then a commit that was refused is looked at again, as what
   *     was wrong may have been on this host
   * @return how long until the next time
   */
  private Duration turn(boolean asked) throws InterruptedException {
    try {
      boolean changed = look(asked);
      failures = 0;
      if (source.reached(Optional.empty())) {
        notices.normal("GitReached", source.id() + " can be fetched again");
        changed = true;
      }
      if (changed) {
        onChange.run();
      }
      pause();
      Duration interval = source.repository().interval();
      return interval
          .minus(PAUSE)
          .plusMillis((long) (interval.toMillis() * 0.1 * random.nextDouble()));
    } catch (VmException e) {
      return failed(e.getMessage());
    } catch (RuntimeException e) {
      LOG.log(Level.ERROR, "cannot follow " + source.id(), e);
      return failed("a fault of vmctl: " + e);
    }
  }

  private Duration failed(String why) throws InterruptedException {
    failures++;
    if (source.reached(Optional.of(why))) {
      notices.warning("GitUnreachable", why + "; what it declared stays in force");
      onChange.run();
    }
    pause();
    Duration longest =
        Objects.requireNonNull(
            source.repository().interval().compareTo(LAST_RETRY) > 0
                ? source.repository().interval()
                : LAST_RETRY);
    double delay =
        Math.min(
            FIRST_RETRY.toMillis() * Math.pow(2, Math.min(failures - 1, 20)),
            (double) longest.toMillis());
    return Duration.ofMillis((long) (delay * (0.8 + 0.2 * random.nextDouble()))).minus(PAUSE);
  }

  /** A server that is woken for all day is not asked all day. */
  private static void pause() throws InterruptedException {
    Thread.sleep(PAUSE);
  }

  private boolean look(boolean asked) {
    String before = source.state().problem();
    String head = remote.head().name();
    boolean news = source.isNews(head);
    if (!news && asked && !head.equals(source.state().commit())) {
      news = true;
    }
    if (news) {
      remote.fetch(this::bring);
      return true;
    }
    return !source.state().problem().equals(before);
  }

  /** Takes a commit whole, or not at all. */
  private boolean bring(Repository local, ObjectId id) throws IOException {
    String commit = id.name();
    source.isNews(commit);
    List<Path> signers = source.repository().signers();
    Optional<String> unsigned =
        signers.isEmpty()
            ? Optional.empty()
            : CommitSignature.problem(local, id, signers, source.now());
    if (unsigned.isPresent()) {
      reject(commit, unsigned.get(), List.of());
      return false;
    }
    Path tree = source.checkOuts().incoming();
    Map<String, String> leftOut = TreeExport.write(local, id, tree, source.repository().maxBytes());
    if (closed) {
      return false;
    }
    Snapshot found = source.directory(tree).read();
    List<Diagnostic> errors = new ArrayList<>(missingVmFiles(leftOut));
    found.diagnostics().stream()
        .filter(Diagnostic::isError)
        .map(each -> inRepository(each, tree, leftOut))
        .forEach(errors::add);
    if (found.trust() == Trust.COMPLETE && errors.isEmpty()) {
      source.take(commit);
      notices.normal("GitCommit", source.id() + " is at commit " + commit);
      return true;
    }
    FileTrees.delete(tree);
    String place = source.repository().path();
    reject(
        commit,
        errors.isEmpty()
            ? "its directory " + (place.isEmpty() ? "/" : place) + ": " + found.why()
            : errors.getFirst().place()
                + ": "
                + errors.getFirst().message()
                + (errors.size() > 1 ? " (and " + (errors.size() - 1) + " more)" : ""),
        errors);
    return false;
  }

  private void reject(String commit, String why, List<Diagnostic> diagnostics) {
    String whole = "commit " + commit + " of " + source.id() + " is not taken: " + why;
    source.reject(new GitSource.Rejected(commit, whole, diagnostics));
    notices.warning("GitCommitRefused", whole);
  }

  /** A VMFile that is not a regular file declares nothing, and must not look as if it were gone. */
  private List<Diagnostic> missingVmFiles(Map<String, String> leftOut) {
    String prefix = source.repository().path().isEmpty() ? "" : source.repository().path() + "/";
    List<Diagnostic> errors = new ArrayList<>();
    leftOut.forEach(
        (path, why) -> {
          boolean here = path.startsWith(prefix) && path.indexOf('/', prefix.length()) < 0;
          if (here && VmFileDiscovery.isVmFileName(path.substring(prefix.length()))) {
            errors.add(
                new Diagnostic(
                    Path.of(path),
                    0,
                    0,
                    0,
                    Severity.ERROR,
                    "vmfile.not_a_file",
                    "it cannot be used: " + why,
                    "commit a regular file"));
          }
        });
    return errors;
  }

  /** As whoever wrote it knows the place: in the repository, not on this host. */
  private static Diagnostic inRepository(Diagnostic found, Path tree, Map<String, String> leftOut) {
    String message = found.message().replace(tree + "/", "");
    for (Map.Entry<String, String> each : leftOut.entrySet()) {
      if (message.startsWith(each.getKey() + " ")) {
        message = message + " here: " + each.getValue();
      }
    }
    return new Diagnostic(
        tree.relativize(found.file()),
        found.line(),
        found.column(),
        found.length(),
        found.severity(),
        found.code(),
        message,
        found.help());
  }

  /** Whether it has ended, and touches no file any more. */
  public boolean isOver() {
    return !thread.isAlive();
  }

  /** Ends following. A fetch under way goes on for a moment, and changes nothing any more. */
  @Override
  public void close() {
    closed = true;
    wake.release();
    try {
      thread.join(ENDING);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }
}
