package dev.vmctl.source.git;

import dev.vmctl.model.Declaration;
import dev.vmctl.model.Diagnostic;
import dev.vmctl.model.SourceId;
import dev.vmctl.model.VmException;
import dev.vmctl.source.DirectorySource;
import dev.vmctl.source.RemoteSource;
import dev.vmctl.source.RemoteState;
import dev.vmctl.source.RemoteState.Standing;
import dev.vmctl.source.Snapshot;
import dev.vmctl.source.Snapshot.Trust;
import dev.vmctl.vmfile.SourcePolicy;
import dev.vmctl.vmfile.VmFileReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.LinkOption;
import java.nio.file.Path;
import java.time.Instant;
import java.time.InstantSource;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * The VMFiles of one directory of a repository, as the last commit has them of which all could be
 * used. Reading looks at files of this host only; a {@link GitFollower} brings them.
 */
public final class GitSource implements RemoteSource {
  private static final String SUSPENDED = "suspended";

  private final GitRepository repository;
  private final Path state;
  private final CheckOuts checkOuts;
  private final VmFileReader reader;
  private final InstantSource clock;

  /** What the commit that could not be taken has wrong. */
  record Rejected(String commit, String why, List<Diagnostic> diagnostics) {}

  private @Nullable DirectorySource files;
  private String commit;
  private String wanted = "";
  private @Nullable Rejected rejected;
  private String unreachable = "";
  private @Nullable Instant reachedAt;
  private volatile boolean suspended;
  private volatile Runnable wake = () -> {};

  /**
   * A source that goes on with what was fetched before.
   *
   * @param state directory of what is kept of it; made when it is not there
   * @param reader for files that may declare everything
   * @param clock must be the clock of the file systems
   */
  public GitSource(GitRepository repository, Path state, VmFileReader reader, InstantSource clock) {
    this.repository = repository;
    this.state = state;
    this.reader = reader;
    this.clock = clock;
    this.checkOuts = new CheckOuts(state);
    this.suspended = Files.exists(state.resolve(SUSPENDED));
    this.commit = fetchedBefore();
    if (!commit.isEmpty()) {
      files = directory(checkOuts.current());
    }
  }

  /** Where that cannot be told its VMs wait for the next fetch, and other sources need not. */
  private String fetchedBefore() {
    try {
      return checkOuts.commit();
    } catch (VmException e) {
      unreachable = e.getMessage();
      return "";
    }
  }

  /** Its settings. */
  public GitRepository repository() {
    return repository;
  }

  Instant now() {
    return clock.instant();
  }

  Path home() {
    return state;
  }

  CheckOuts checkOuts() {
    return checkOuts;
  }

  /** Who brings the files. */
  void wakes(Runnable follower) {
    wake = follower;
  }

  @Override
  public SourceId id() {
    return repository.id();
  }

  @Override
  public String name() {
    return repository.name();
  }

  /** A directory of VMFiles below the root of a checkout, under this source's policy. */
  DirectorySource directory(Path root) {
    VmFileReader ruled = reader.under(new SourcePolicy(root, repository.allowed()));
    return DirectorySource.within(id(), root.resolve(repository.path()), ruled, clock);
  }

  @Override
  public synchronized Snapshot read() {
    DirectorySource from = files;
    if (from == null) {
      return unknown(nothingYet());
    }
    Snapshot found = from.read();
    if (found.trust() == Trust.UNKNOWN) {
      return unknown("the files of its commit " + commit + ": " + found.why());
    }
    List<Declaration> declarations =
        found.declarations().stream().map(each -> each.withRevision(commit)).toList();
    Rejected ahead = rejected;
    return new Snapshot(
        id(),
        ahead == null ? found.trust() : Trust.PARTIAL,
        ahead == null ? "" : ahead.why(),
        // Its files are others with each commit, and it is the same place all the same.
        repository.id().location(),
        declarations,
        found.brokenFiles(),
        found.files(),
        ahead == null ? found.diagnostics() : ahead.diagnostics());
  }

  private String nothingYet() {
    if (rejected != null) {
      return rejected.why();
    }
    return unreachable.isEmpty() ? "it has not been fetched yet" : unreachable;
  }

  private Snapshot unknown(String why) {
    return new Snapshot(
        id(),
        Trust.UNKNOWN,
        why,
        "",
        List.of(),
        Set.of(),
        Set.of(),
        rejected == null ? List.of() : rejected.diagnostics());
  }

  @Override
  public synchronized RemoteState state() {
    Rejected ahead = rejected;
    if (!unreachable.isEmpty()) {
      return state(Standing.UNREACHABLE, unreachable);
    }
    return ahead == null ? state(Standing.GOOD, "") : state(Standing.REFUSED, ahead.why());
  }

  private RemoteState state(Standing standing, String problem) {
    return new RemoteState(suspended, commit, wanted, reachedAt, standing, problem);
  }

  @Override
  public void sync() {
    wake.run();
  }

  @Override
  public void suspend() {
    mark(true);
  }

  @Override
  public void resume() {
    mark(false);
    wake.run();
  }

  boolean isSuspended() {
    return suspended;
  }

  private void mark(boolean now) {
    Path mark = state.resolve(SUSPENDED);
    try {
      Files.createDirectories(state);
      if (!now) {
        Files.deleteIfExists(mark);
      } else if (!Files.exists(mark, LinkOption.NOFOLLOW_LINKS)) {
        Files.createFile(mark);
      }
    } catch (IOException e) {
      throw Failures.of("cannot write " + mark, e);
    }
    suspended = now;
  }

  /** Whether this commit was neither taken nor refused yet. */
  synchronized boolean isNews(String found) {
    wanted = found;
    reachedAt = clock.instant();
    boolean refused = rejected != null && rejected.commit().equals(found);
    if (found.equals(commit) && rejected != null) {
      // What could not be taken was taken back.
      rejected = null;
    }
    return !found.equals(commit) && !refused;
  }

  /** A commit all of whose files can be used is what is declared from now on. */
  synchronized void take(String taken) throws IOException {
    checkOuts.accept(taken);
    checkOuts.prune(List.of(taken, commit));
    files = directory(checkOuts.current());
    commit = taken;
    rejected = null;
  }

  synchronized void reject(Rejected why) {
    rejected = why;
  }

  /** Returns whether that is another state than before. */
  synchronized boolean reached(Optional<String> problem) {
    String now = problem.orElse("");
    boolean changed = !now.equals(unreachable);
    unreachable = now;
    return changed;
  }
}
