package dev.vmctl.source;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Objects;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicInteger;
import java.util.concurrent.atomic.AtomicReference;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(30)
class DirectoryWatchTest {
  /** Longer than a test: what is seen is seen by the kernel's word, not by looking. */
  private static final Duration NEVER = Duration.ofMinutes(5);

  @TempDir private Path temporary;
  private final AtomicInteger calls = new AtomicInteger();

  @Test
  void createdWrittenRenamedAndDeletedFilesAreChanges() throws IOException {
    Path file = temporary.resolve("a.kdl");
    try (DirectoryWatch watch = watch(temporary, NEVER)) {
      calledAfter(() -> Files.createFile(file));
      calledAfter(() -> Files.writeString(file, "x"));
      calledAfter(() -> Files.move(file, temporary.resolve("b.kdl")));
      calledAfter(() -> Files.delete(temporary.resolve("b.kdl")));
    }
  }

  @Test
  void whatHappenedBeforeItBeganIsOneCall() {
    try (DirectoryWatch watch = DirectoryWatch.start(temporary, calls::incrementAndGet, NEVER)) {
      await().until(() -> calls.get() == 1);
    }
  }

  @Test
  void aDirectoryThatAppearsIsWatched() throws IOException {
    Path late = temporary.resolve("late");
    try (DirectoryWatch watch = DirectoryWatch.start(late, calls::incrementAndGet, NEVER)) {
      Files.createFile(temporary.resolve("neighbour"));
      calledAfter(() -> Files.createDirectory(late));
      settle(late);
      calledAfter(() -> Files.createFile(late.resolve("a.kdl")));
    }
  }

  @Test
  void aDirectoryThatIsReplacedIsWatchedAnew() throws IOException {
    Path directory = Files.createDirectory(temporary.resolve("vms"));
    Path other = Files.createDirectory(temporary.resolve("other"));
    try (DirectoryWatch watch = watch(directory, NEVER)) {
      calledAfter(() -> Files.move(directory, temporary.resolve("old")));
      calledAfter(() -> Files.move(other, directory));
      settle(directory);
      calledAfter(() -> Files.createFile(directory.resolve("a.kdl")));
    }
  }

  @Test
  void aDirectoryThatIsDeletedAndMadeAgainIsWatchedAnew() throws IOException {
    Path directory = Files.createDirectory(temporary.resolve("vms"));
    try (DirectoryWatch watch = watch(directory, NEVER)) {
      calledAfter(() -> Files.delete(directory));
      calledAfter(() -> Files.createDirectory(directory));
      settle(directory);
      calledAfter(() -> Files.createFile(directory.resolve("a.kdl")));
    }
  }

  @Test
  void aNewTargetFurtherUpIsNoticedByLooking() throws IOException {
    Path one = temporary.resolve("one");
    Path two = temporary.resolve("two");
    Files.createDirectories(one.resolve("vms"));
    Files.createDirectories(two.resolve("vms"));
    Path link = Files.createSymbolicLink(temporary.resolve("link"), one);
    try (DirectoryWatch watch = watch(link.resolve("vms"), Duration.ofMillis(20))) {
      calledAfter(
          () -> {
            Files.delete(link);
            Files.createSymbolicLink(link, two);
          });
      settle(two.resolve("vms"));
      calledAfter(() -> Files.createFile(two.resolve("vms/a.kdl")));
    }
  }

  @Test
  void manyChangesDuringACallBecomeFewCalls() throws Exception {
    CountDownLatch inside = new CountDownLatch(2); // The call for the begin, then the first change.
    CountDownLatch goOn = new CountDownLatch(1);
    AtomicInteger later = new AtomicInteger();
    Runnable slow =
        () -> {
          inside.countDown();
          if (inside.getCount() > 0) {
            calls.incrementAndGet();
            return;
          }
          try {
            if (goOn.getCount() > 0) {
              goOn.await();
            } else {
              later.incrementAndGet();
            }
          } catch (InterruptedException e) {
            throw new AssertionError(e);
          }
        };
    try (DirectoryWatch watch = DirectoryWatch.start(temporary, slow, NEVER)) {
      await().until(() -> calls.get() == 1);
      Files.createFile(temporary.resolve("first"));
      assertThat(inside.await(10, SECONDS)).isTrue();
      for (int i = 0; i < 2000; i++) { // More than one key holds: an overflow.
        Files.createFile(temporary.resolve("f" + i));
      }
      goOn.countDown();
      await().until(() -> later.get() >= 1);
      int burst = later.get();
      Files.createFile(temporary.resolve("last"));
      await().until(() -> later.get() > burst);
      // One, but for what the kernel had not handed over yet when the call ended.
      assertThat(later.get()).isLessThan(100);
    }
  }

  @Test
  void aCallThatFailsDoesNotEndTheWatch() throws IOException {
    Runnable failing =
        () -> {
          calls.incrementAndGet();
          throw new IllegalStateException("on purpose");
        };
    try (DirectoryWatch watch = DirectoryWatch.start(temporary, failing, NEVER)) {
      await().until(() -> calls.get() == 1);
      calledAfter(() -> Files.createFile(temporary.resolve("a.kdl")));
    }
  }

  @Test
  void afterItsEndNothingIsCalled() throws Exception {
    AtomicReference<@Nullable Thread> thread = new AtomicReference<>();
    DirectoryWatch watch =
        DirectoryWatch.start(
            temporary,
            () -> {
              thread.set(Thread.currentThread());
              calls.incrementAndGet();
            },
            NEVER);
    await().until(() -> calls.get() == 1);
    watch.close();
    watch.close();
    assertThat(Objects.requireNonNull(thread.get()).join(Duration.ofSeconds(10))).isTrue();
    Files.createFile(temporary.resolve("a.kdl"));

    assertThat(calls).hasValue(1);
  }

  private interface Step {
    void run() throws IOException;
  }

  private DirectoryWatch watch(Path directory, Duration look) {
    DirectoryWatch watch = DirectoryWatch.start(directory, calls::incrementAndGet, look);
    await().until(() -> calls.get() >= 1);
    return watch;
  }

  private void calledAfter(Step step) throws IOException {
    int before = calls.get();
    step.run();
    await().until(() -> calls.get() > before);
  }

  /** Waits until a file made in the directory wakes the watch: then it is the one watched. */
  private void settle(Path directory) throws IOException {
    AtomicInteger number = new AtomicInteger();
    await()
        .until(
            () -> {
              int before = calls.get();
              Files.createFile(directory.resolve("probe" + number.incrementAndGet()));
              Instant end = Instant.now().plusMillis(200);
              while (calls.get() == before && Instant.now().isBefore(end)) {
                Thread.onSpinWait();
              }
              return calls.get() > before;
            });
  }
}
