package dev.vmctl.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.vmctl.host.HostLock;
import dev.vmctl.image.ImageSource.LocalFile;
import dev.vmctl.model.ErrorCode;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicReference;
import org.junit.jupiter.api.Test;

/** Several that want one image at once, and files that change meanwhile. */
class ImageCacheSharingTest extends ImageCacheFileFixture {
  @Test
  void manyCallersShareOneImport() throws Exception {
    List<CompletableFuture<CachedImage>> callers = new ArrayList<>();
    List<Long> writes = new ArrayList<>();
    try (HostLock _ = importLock()) {
      for (int i = 0; i < 20; i++) {
        callers.add(cache.ensure(new LocalFile(file), progress -> record(writes, progress)));
      }
    }
    CachedImage image = callers.getFirst().get();
    for (CompletableFuture<CachedImage> caller : callers) {
      assertThat(caller.get()).isEqualTo(image);
    }
    assertThat(cache.list()).containsExactly(image);
    // Every caller is told; one import tells each of them the end once.
    assertThat(writes.stream().filter(done -> done == 3L * MEGABYTE)).hasSize(20);
  }

  private static synchronized void record(List<Long> writes, ImageProgress progress) {
    if (progress.phase().equals("copying")) {
      writes.add(progress.doneBytes());
    }
  }

  @Test
  void anotherProcessAtTheSameImportIsWaitedFor() throws Exception {
    CountDownLatch waiting = new CountDownLatch(1);
    CompletableFuture<CachedImage> caller;
    try (HostLock _ = importLock()) {
      caller =
          cache.ensure(
              new LocalFile(file),
              progress -> {
                if (progress.phase().equals("waiting")) {
                  waiting.countDown();
                }
              });
      waiting.await();
      assertThat(caller).isNotDone();
    }
    assertThat(caller.get().digest()).isEqualTo("sha256:" + sha256(file));
  }

  @Test
  void oneCallerGivingUpLeavesTheOthersTheirImport() throws Exception {
    CompletableFuture<CachedImage> stays;
    try (HostLock _ = importLock()) {
      CompletableFuture<CachedImage> leaves = cache.ensure(new LocalFile(file), progress -> {});
      stays = cache.ensure(new LocalFile(file), progress -> {});
      leaves.cancel(true);
    }
    assertThat(stays.get().digest()).isEqualTo("sha256:" + sha256(file));
  }

  @Test
  void theLastCallerGivingUpEndsTheImportAndTheNextOneStartsAnew() throws Exception {
    CompletableFuture<CompletableFuture<CachedImage>> caller = new CompletableFuture<>();
    CountDownLatch cancelled = new CountDownLatch(1);
    caller.complete(
        cache.ensure(
            new LocalFile(file),
            progress -> {
              caller.join().cancel(true);
              cancelled.countDown();
            }));
    cancelled.await();
    assertThat(caller.join()).isCancelled();
    await().untilAsserted(() -> importLock().close());
    assertNothingLeftOver(images);
    assertThat(cache.list()).isEmpty();

    assertThat(ensure(file).digest()).isEqualTo("sha256:" + sha256(file));
  }

  @Test
  void aFileThatKeepsChangingIsNotTakenHalf() throws Exception {
    CompletableFuture<CachedImage> caller =
        cache.ensure(
            new LocalFile(file),
            progress -> {
              try {
                Files.write(file, content(progress.doneBytes(), 3 * MEGABYTE));
              } catch (IOException e) {
                throw new IllegalStateException(e);
              }
            });
    assertFails(ErrorCode.IO, caller, "kept changing");
    assertThat(cache.list()).isEmpty();
    assertNothingLeftOver(images);
  }

  @Test
  void aFileThatChangesOnceIsCopiedAgain() throws Exception {
    AtomicReference<Boolean> changed = new AtomicReference<>(false);
    CachedImage image =
        cache
            .ensure(
                new LocalFile(file),
                progress -> {
                  if (!changed.getAndSet(true)) {
                    try (RandomAccessFile cut = new RandomAccessFile(file.toFile(), "rw")) {
                      cut.setLength(2 * MEGABYTE);
                    } catch (IOException e) {
                      throw new IllegalStateException(e);
                    }
                  }
                })
            .get();
    assertThat(image.digest()).isEqualTo("sha256:" + sha256(file));
    assertThat(image.virtualSizeBytes()).isEqualTo(2 * MEGABYTE);
  }

  private HostLock importLock() throws Exception {
    Files.createDirectories(images.resolve("parts"));
    return locks
        .tryAcquire(
            images
                .resolve("parts")
                .resolve(CacheLayout.key(file.toRealPath().toString()) + ".lock"),
            HostLock.Mode.EXCLUSIVE)
        .orElseThrow();
  }
}
