package dev.vmctl.source.git;

import dev.vmctl.source.Snapshot;
import dev.vmctl.vmfile.Allowance;
import dev.vmctl.vmfile.VmFileReader;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;

/** One repository, written to by the real git, followed over a file URL: its directory vms. */
final class FollowedRepository implements AutoCloseable {
  static final String WEB = "vm \"web\" {\n  backend \"noop\"\n}\n";
  static final String DB = "vm \"db\" {\n  backend \"noop\"\n  vcpus 2\n}\n";

  private final Path directory;
  private final GitWork work;
  private final List<String> events = new CopyOnWriteArrayList<>();
  private UnaryOperator<GitRepository> settings = UnaryOperator.identity();
  private @Nullable GitFollower follower;
  private @Nullable GitSource source;

  FollowedRepository(Path directory) {
    this.directory = directory;
    this.work = GitWork.in(directory);
  }

  GitWork work() {
    return work;
  }

  /** Of the source, each as its reason and its message. */
  List<String> events() {
    return events;
  }

  GitSource source() {
    return Objects.requireNonNull(source);
  }

  /** Opened from now on with other settings than the usual ones. */
  void set(UnaryOperator<GitRepository> other) {
    settings = other;
  }

  static UnaryOperator<GitRepository> allowing(Allowance... allowed) {
    return of -> with(of, Set.of(allowed), of.maxBytes(), of.signers());
  }

  static UnaryOperator<GitRepository> upTo(long bytes) {
    return of -> with(of, of.allowed(), bytes, of.signers());
  }

  static UnaryOperator<GitRepository> signedBy(Path... signers) {
    return of -> with(of, of.allowed(), of.maxBytes(), List.of(signers));
  }

  private static GitRepository with(
      GitRepository of, Set<Allowance> allowed, long maxBytes, List<Path> signers) {
    return new GitRepository(
        of.name(),
        of.url(),
        of.branch(),
        of.path(),
        of.interval(),
        of.auth(),
        allowed,
        maxBytes,
        signers,
        null);
  }

  GitSource open() {
    GitRepository plain = GitRepository.of("fleet", work.url(), "main", "vms");
    VmFileReader reader = new VmFileReader(directory.resolve("home")).onHost("node-7.example.org");
    return new GitSource(
        settings.apply(plain), directory.resolve("state"), reader, InstantSource.system());
  }

  void follow() {
    GitSource opened = open();
    source = opened;
    follower =
        GitFollower.start(
            opened,
            directory.resolve("home"),
            new Random(1),
            () -> {},
            new GitFollower.Notices() {
              @Override
              public void normal(String reason, String message) {
                events.add(reason + " " + message);
              }

              @Override
              public void warning(String reason, String message) {
                events.add(reason + " " + message);
              }
            });
  }

  Snapshot await(Predicate<Snapshot> wanted) {
    Snapshot[] last = {source().read()};
    Awaitility.await()
        .atMost(Duration.ofSeconds(20))
        .failFast(
            "a fault of vmctl", () -> events.stream().anyMatch(each -> each.contains("a fault of")))
        .conditionEvaluationListener(
            new org.awaitility.core.ConditionEvaluationListener<Object>() {
              @Override
              public void conditionEvaluated(
                  org.awaitility.core.EvaluatedCondition<Object> condition) {
                // Only the end is of interest.
              }

              @Override
              public void onTimeout(org.awaitility.core.TimeoutEvent event) {
                System.err.println("last seen: " + last[0] + ", events " + events);
              }
            })
        .until(
            () -> {
              last[0] = source().read();
              return wanted.test(last[0]);
            });
    return last[0];
  }

  /** The event of this reason that was told last. */
  String told(String reason) {
    return Awaitility.await()
        .until(
            () ->
                events.reversed().stream()
                    .filter(each -> each.startsWith(reason + " "))
                    .findFirst()
                    .orElse(""),
            each -> !each.isEmpty());
  }

  @Override
  public void close() {
    if (follower != null) {
      follower.close();
    }
  }
}
