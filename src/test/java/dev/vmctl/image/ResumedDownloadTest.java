package dev.vmctl.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import dev.vmctl.host.LinuxHostLocks;
import dev.vmctl.host.LinuxHostProcesses;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.time.Clock;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.atomic.AtomicLong;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ResumedDownloadTest extends ImageCacheFixture {
  private static final DownloadLimits PERSISTENT =
      new DownloadLimits(Duration.ofSeconds(5), Duration.ofSeconds(5), 3, Duration.ofMillis(1));
  private static final DownloadLimits ONE_TRY =
      new DownloadLimits(Duration.ofSeconds(5), Duration.ofSeconds(5), 0, Duration.ZERO);
  private static final byte[] CONTENT = content(1, 3 << 20);

  private final AtomicLong received = new AtomicLong();

  private ImageCache cache(DownloadLimits limits, String boot) {
    ImageHost host =
        new ImageHost(
            new LinuxHostLocks(new LinuxHostProcesses()),
            new LinuxHostProcesses(),
            boot,
            directory,
            Map.of(),
            received::addAndGet);
    return new ImageCache(directory.resolve("images"), host, executor, Clock.systemUTC(), limits);
  }

  private static byte[] served(boolean compressed) {
    return compressed ? Zstd.compress(CONTENT) : CONTENT;
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void aDownloadBrokenAtEveryTenthGoesOnFromThere(boolean compressed) throws Exception {
    byte[] body = served(compressed);
    try (RangeServer server = new RangeServer(body)) {
      for (int tenth = 1; tenth < 10; tenth++) {
        server.breaks.add(body.length / 10 * tenth);
      }
      CachedImage image = cache(PERSISTENT, "boot").ensure(server.url(), p -> {}).get();

      assertThat(image.path()).hasBinaryContent(CONTENT);
      assertThat(server.ranges).hasSize(10);
      assertThat(server.served).as("no byte is sent twice").hasValue(body.length);
      assertThat(received).as("each is counted").hasValue(body.length);
      assertNothingLeft();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void anotherProcessGoesOnFromWhereThisOneWas(boolean compressed) throws Exception {
    byte[] body = served(compressed);
    try (RangeServer server = new RangeServer(body)) {
      for (int tenth = 1; tenth < 10; tenth++) {
        server.breaks.add(body.length / 10 * tenth);
        assertBreaksOff(cache(ONE_TRY, "boot").ensure(server.url(), p -> {}));
        assertThat(cache(ONE_TRY, "boot").cleanUp()).as("it is of use").isZero();
      }
      CachedImage image = cache(ONE_TRY, "boot").ensure(server.url(), p -> {}).get();

      assertThat(image.path()).hasBinaryContent(CONTENT);
      assertThat(server.served).as("no byte is sent twice").hasValue(body.length);
      assertNothingLeft();
    }
  }

  @ParameterizedTest
  @ValueSource(booleans = {false, true})
  void whatChangedOnTheServerIsFetchedAnew(boolean compressed) throws Exception {
    byte[] other = new byte[2 << 20];
    new Random(2).nextBytes(other);
    try (RangeServer server = new RangeServer(served(compressed))) {
      server.breaks.add(server.content.length / 2);
      assertBreaksOff(cache(ONE_TRY, "boot").ensure(server.url(), p -> {}));
      server.content = compressed ? Zstd.compress(other) : other;
      server.etag = "\"two\"";

      assertThat(cache(ONE_TRY, "boot").ensure(server.url(), p -> {}).get().path())
          .hasBinaryContent(other);
      assertNothingLeft();
    }
  }

  @Test
  void whatChangesWhileItIsFetchedIsFetchedAnew() throws Exception {
    byte[] other = new byte[2 << 20];
    new Random(2).nextBytes(other);
    try (RangeServer server = new RangeServer(served(true))) {
      server.breaks.add(server.content.length / 2);
      server.onBreak =
          () -> {
            server.content = Zstd.compress(other);
            server.etag = "\"two\"";
          };

      assertThat(cache(PERSISTENT, "boot").ensure(server.url(), p -> {}).get().path())
          .hasBinaryContent(other);
      assertThat(server.ranges).hasSizeGreaterThan(1);
      assertNothingLeft();
    }
  }

  @Test
  void afterTheHostWentDownNothingIsTrustedThatWasNotSynced() throws Exception {
    try (RangeServer server = new RangeServer(CONTENT)) {
      server.breaks.add(1 << 20);
      assertBreaksOff(cache(ONE_TRY, "boot").ensure(server.url(), p -> {}));

      assertThat(cache(ONE_TRY, "next boot").ensure(server.url(), p -> {}).get().path())
          .hasBinaryContent(CONTENT);
      assertThat(server.ranges).containsExactly("null", "null");
    }
  }

  @Test
  void aChecksumHoldsAcrossABreak() throws Exception {
    try (RangeServer server = new RangeServer(CONTENT)) {
      server.breaks.add(1 << 20);
      ImageSource.Url wrong = new ImageSource.Url(server.url().url(), "0".repeat(64));
      assertBreaksOff(cache(ONE_TRY, "boot").ensure(wrong, p -> {}));

      assertFails(ErrorCode.IMAGE_CHECKSUM_MISMATCH, cache(ONE_TRY, "boot").ensure(wrong, p -> {}));
      assertNothingLeft();
    }
  }

  @Test
  void fourCallersOfOneUrlDownloadItOnce() throws Exception {
    try (RangeServer server = new RangeServer(served(true))) {
      List<CompletableFuture<CachedImage>> callers = new ArrayList<>();
      for (int i = 0; i < 4; i++) {
        // Caches of their own share nothing but the directory, like processes.
        callers.add(cache(PERSISTENT, "boot").ensure(server.url(), p -> {}));
      }
      for (CompletableFuture<CachedImage> caller : callers) {
        assertThat(caller.get()).isEqualTo(callers.getFirst().get());
      }
      assertThat(server.ranges).hasSize(1);
    }
  }

  private static void assertBreaksOff(CompletableFuture<CachedImage> caller) {
    assertFails(ErrorCode.IMAGE_DOWNLOAD_FAILED, caller);
  }

  private static void assertFails(ErrorCode code, CompletableFuture<CachedImage> caller) {
    assertThatThrownBy(caller::join)
        .cause()
        .isInstanceOfSatisfying(
            VmException.class, e -> assertThat(e.code()).as(e.getMessage()).isEqualTo(code));
  }
}
