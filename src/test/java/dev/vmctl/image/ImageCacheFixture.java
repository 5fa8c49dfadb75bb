package dev.vmctl.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.io.TempDir;

/** What tests of an {@link ImageCache} have in common, wherever its images come from. */
abstract class ImageCacheFixture {
  final ExecutorService executor = Executors.newCachedThreadPool();
  @TempDir Path directory;

  @AfterEach
  void stop() {
    executor.shutdownNow();
  }

  static void assertFails(ErrorCode code, CompletableFuture<CachedImage> caller, String saying) {
    assertThatThrownBy(caller::join)
        .isInstanceOf(CompletionException.class)
        .cause()
        .isInstanceOfSatisfying(
            VmException.class,
            e -> {
              assertThat(e.code()).as(e.getMessage()).isEqualTo(code);
              assertThat(e.getMessage()).contains(saying);
              assertThat(e.help()).isNotEmpty();
            });
  }

  void assertNothingLeft() {
    try (var parts = Files.list(directory.resolve("images/parts"))) {
      assertThat(parts.filter(part -> !part.toString().endsWith(".lock"))).isEmpty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  static byte[] content(long seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
  }
}
