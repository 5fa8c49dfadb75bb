package dev.vmctl.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.image.ImageSource.LocalFile;
import java.io.BufferedReader;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.atomic.AtomicBoolean;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;

class ImageCacheProcessesTest extends ImageCacheFixture {
  private final AtomicBoolean copied = new AtomicBoolean();
  private final CountDownLatch waiting = new CountDownLatch(1);
  private Path images;
  private Path file;
  private ImageCache cache;

  @BeforeEach
  void makeAnImage() throws Exception {
    images = directory.resolve("images");
    file = Files.write(directory.resolve("disk.raw"), new byte[Piece.SIZE]);
    cache =
        new ImageCache(
            images, TestHost.here(), executor, Clock.systemUTC(), DownloadLimits.DEFAULT);
  }

  @Test
  void twoProcessesShareOneImport() throws Exception {
    Process other = ImportingProcess.start(images, file);
    try (BufferedReader output = other.inputReader()) {
      assertThat(output.readLine()).isEqualTo("copying");
      CompletableFuture<CachedImage> ours = ensure();
      waiting.await();
      assertThat(cache.cleanUp()).as("the other one's part is alive").isZero();
      other.outputWriter().append("go on\n").flush();

      assertThat(output.readLine()).isEqualTo(ours.get().digest());
      assertThat(copied).as("copied here as well").isFalse();
      assertThat(other.waitFor()).isZero();
    } finally {
      other.destroyForcibly().waitFor();
    }
  }

  @Test
  void theImportOfAKilledProcessIsTakenOver() throws Exception {
    Process other = ImportingProcess.start(images, file);
    assertThat(other.inputReader().readLine()).isEqualTo("copying");
    CompletableFuture<CachedImage> ours = ensure();
    waiting.await();
    other.destroyForcibly().waitFor();

    assertThat(ours.get().path()).hasSameBinaryContentAs(file);
    assertThat(copied).isTrue();
    assertThat(partsLeft()).isZero();
  }

  @Test
  void whatAKilledProcessLeftIsCleanedUp() throws Exception {
    Process other = ImportingProcess.start(images, file);
    assertThat(other.inputReader().readLine()).isEqualTo("copying");
    other.destroyForcibly().waitFor();
    assertThat(partsLeft()).isEqualTo(1);

    assertThat(cache.cleanUp()).isEqualTo(1);

    assertThat(partsLeft()).isZero();
    assertThat(cache.list()).isEmpty();
  }

  private CompletableFuture<CachedImage> ensure() {
    return cache.ensure(
        new LocalFile(file),
        progress -> {
          if (progress.phase().equals("waiting")) {
            waiting.countDown();
          } else {
            copied.set(true);
          }
        });
  }

  private long partsLeft() throws Exception {
    try (var parts = Files.list(images.resolve("parts"))) {
      return parts.filter(part -> part.toString().endsWith(CacheLayout.PART)).count();
    }
  }
}
