package dev.vmctl.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Collections;
import java.util.Optional;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.concurrent.atomic.AtomicInteger;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinuxHostLocksTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  private final LinuxHostLocks locks = new LinuxHostLocks(new LinuxHostProcesses());
  @TempDir Path directory;
  private Path path;

  @BeforeEach
  void nameTheLock() {
    path = directory.resolve("a.lock");
  }

  @Test
  void threadsOfOneProcessExcludeEachOther() throws Exception {
    AtomicInteger inside = new AtomicInteger();
    AtomicInteger most = new AtomicInteger();
    try (ExecutorService executor = Executors.newVirtualThreadPerTaskExecutor()) {
      Callable<Path> turn =
          () -> {
            try (HostLock lock = locks.acquire(path, HostLock.Mode.EXCLUSIVE, LONG)) {
              most.accumulateAndGet(inside.incrementAndGet(), Math::max);
              Thread.yield();
              inside.decrementAndGet();
              return lock.path();
            }
          };
      for (Future<Path> each : executor.invokeAll(Collections.nCopies(40, turn))) {
        assertThat(each.get()).isEqualTo(path);
      }
    }
    assertThat(most).hasValue(1);
    assertThat(locks.holders(path)).isEmpty();
  }

  @Test
  void aLockIsSharedByManyButNotWithAnExclusiveOne() {
    try (HostLock one = taken(HostLock.Mode.SHARED);
        HostLock two = taken(HostLock.Mode.SHARED)) {
      assertThat(one.path()).isEqualTo(two.path());
      assertThat(locks.tryAcquire(path, HostLock.Mode.EXCLUSIVE)).isEmpty();
      assertThat(locks.holders(path)).hasSize(2);
    }
    taken(HostLock.Mode.EXCLUSIVE).close();
  }

  @Test
  void aLockSurvivesOthersReadingItsFileAndFailingToTakeIt() throws Exception {
    try (HostLock held = taken(HostLock.Mode.EXCLUSIVE)) {
      assertThat(Files.readString(held.path())).isEmpty();
      assertThat(locks.tryAcquire(path, HostLock.Mode.SHARED)).isEmpty();
      assertThat(locks.tryAcquire(path, HostLock.Mode.SHARED)).isEmpty();
    }
  }

  @Test
  void closingTwiceReleasesOnlyOnce() {
    HostLock first = taken(HostLock.Mode.EXCLUSIVE);
    first.close();
    try (HostLock second = taken(HostLock.Mode.EXCLUSIVE)) {
      first.close();
      assertThat(locks.tryAcquire(second.path(), HostLock.Mode.SHARED)).isEmpty();
    }
  }

  @Test
  void anotherProcessIsExcludedAndNamedToWhoWaits() throws Exception {
    Process other = holdElsewhere();
    try {
      assertThat(locks.holders(path))
          .singleElement()
          .satisfies(holder -> assertThat(holder.pid()).isEqualTo(other.pid()));
      assertThatThrownBy(() -> locks.acquire(path, HostLock.Mode.EXCLUSIVE, Duration.ofMillis(60)))
          .isInstanceOfSatisfying(
              VmException.class,
              e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.STORE_LOCKED);
                assertThat(e.getMessage()).contains("process " + other.pid()).contains("flock");
              });
    } finally {
      other.destroyForcibly().waitFor();
    }
    // The kernel let go of it with the process.
    locks.acquire(path, HostLock.Mode.EXCLUSIVE, LONG).close();
  }

  @Test
  void aWaiterGetsTheLockWhenItIsReleased() throws Exception {
    HostLock held = taken(HostLock.Mode.EXCLUSIVE);
    CompletableFuture<HostLock> waiter = new CompletableFuture<>();
    Thread thread =
        Thread.ofVirtual()
            .start(
                () -> {
                  try {
                    waiter.complete(locks.acquire(path, HostLock.Mode.EXCLUSIVE, LONG));
                  } catch (InterruptedException e) {
                    waiter.completeExceptionally(e);
                  }
                });
    assertThat(waiter).isNotDone();
    held.close();
    waiter.get().close();
    assertThat(thread.join(LONG)).isTrue();
  }

  @Test
  void aStartedProgramDoesNotInheritALock() throws Exception {
    LinuxHostProcesses processes = new LinuxHostProcesses();
    HostLock held = taken(HostLock.Mode.EXCLUSIVE);
    HostProcess sleep =
        processes.start(
            new ProcessStart(java.util.List.of("/bin/sleep", "60"), directory.resolve("output")));
    try {
      held.close();
      assertThat(locks.tryAcquire(path, HostLock.Mode.EXCLUSIVE)).isPresent();
    } finally {
      processes.signal(sleep, Signal.KILL);
    }
  }

  @Test
  void aMissingDirectoryIsAnError() {
    assertThatThrownBy(() -> locks.tryAcquire(directory.resolve("no/a.lock"), HostLock.Mode.SHARED))
        .isInstanceOf(VmException.class)
        .hasMessageContaining("no/a.lock");
  }

  private HostLock taken(HostLock.Mode mode) {
    Optional<HostLock> lock = locks.tryAcquire(path, mode);
    assertThat(lock).isPresent();
    return lock.orElseThrow();
  }

  private Process holdElsewhere() throws Exception {
    Process other =
        new ProcessBuilder(
                "flock", "--no-fork", path.toString(), "sh", "-c", "echo held; read x; : flock")
            .start();
    assertThat(other.inputReader().readLine()).isEqualTo("held");
    return other;
  }
}
