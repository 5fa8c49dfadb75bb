package dev.vmctl.image;

import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.client.WireMock.status;
import static com.github.tomakehurst.wiremock.client.WireMock.temporaryRedirect;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.github.luben.zstd.Zstd;
import com.github.tomakehurst.wiremock.WireMockServer;
import dev.vmctl.MountedFileSystem;
import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.HashSet;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What goes wrong with a download: each has its own code, and leaves nothing behind. */
class DownloadFaultsTest {
  private static final DownloadLimits ONE_TRY =
      new DownloadLimits(Duration.ofSeconds(5), Duration.ofSeconds(5), 0, Duration.ZERO);
  private static final byte[] CONTENT = new byte[1 << 20];

  static {
    new Random(1).nextBytes(CONTENT);
  }

  private final WireMockServer server =
      new WireMockServer(wireMockConfig().dynamicPort().bindAddress("127.0.0.1"));
  private final ExecutorService executor = Executors.newCachedThreadPool();
  private final Set<ErrorCode> codes = new HashSet<>();
  @TempDir Path directory;
  private Path images;

  @BeforeEach
  void serve() {
    images = directory.resolve("images");
    server.start();
    server.stubFor(get("/disk").willReturn(ok().withBody(CONTENT)));
  }

  @AfterEach
  void stop() {
    server.stop();
    executor.shutdownNow();
  }

  @Test
  @Fault(area = Area.IMAGE, value = "at its URL")
  void eachFailureOfADownloadHasItsOwnCodeAndLeavesNothing(Seen seen) throws Exception {
    server.stubFor(get("/none").willReturn(status(404)));
    shows(seen, "there is none", "/none", null);

    server.stubFor(get("/private").willReturn(status(401)));
    shows(seen, "it needs a login", "/private", null);

    server.stubFor(get("/loop").willReturn(temporaryRedirect("/loop")));
    shows(seen, "it redirects in a circle", "/loop", null);

    server.stubFor(get("/page").willReturn(ok("<html><body>Sign in</body></html>")));
    shows(seen, "there is a web page", "/page", null);

    byte[] zstd = Zstd.compress(CONTENT);
    server.stubFor(
        get("/disk.zst").willReturn(ok().withBody(Arrays.copyOf(zstd, zstd.length - 100))));
    shows(seen, "it is compressed and cut off", "/disk.zst", null);

    shows(seen, "it is not what was declared", "/disk", "0".repeat(64));

    server.stubFor(get("/SHA256SUMS").willReturn(ok("nothing here\n")));
    shows(seen, "its checksum is not listed", "/disk", at("/SHA256SUMS"));
    assertThat(codes).as("no two have one code").hasSize(7);
  }

  @Test
  @Fault(area = Area.IMAGE, value = "breaks off at every attempt on its way here")
  void whatBreaksOffSaysHowFarItCame(Seen seen) throws Exception {
    try (RangeServer breaking = new RangeServer(CONTENT)) {
      breaking.breaks.add(CONTENT.length / 2);
      VmException failure = failure(breaking.url());
      assertThat(failure.code()).isEqualTo(ErrorCode.IMAGE_DOWNLOAD_FAILED);
      seen.says(told(failure).replaceAll("after \\d+ bytes", "after <bytes> bytes"));
      assertThat(images.resolve("parts"))
          .as("what has come is kept, for the next attempt")
          .isDirectoryContaining("glob:**" + CacheLayout.WIRE);
      assertThat(cache().ensure(breaking.url(), p -> {}).get().path()).hasBinaryContent(CONTENT);
    }
    assertNothingLeft();
  }

  @Test
  @Fault(area = Area.IMAGE, value = "does not fit on the disk")
  void aFullDiskIsToldApartAndNothingIsLeft(Seen seen) throws Exception {
    byte[] large = new byte[4 << 20];
    new Random(2).nextBytes(large);
    server.stubFor(get("/large").willReturn(ok().withBody(large)));
    try (MountedFileSystem small = MountedFileSystem.small(directory.resolve("small"), "1m")) {
      images = small.root().resolve("images");
      VmException failure = failure(new ImageSource.Url(at("/large")));
      assertThat(failure.code()).isEqualTo(ErrorCode.DISK_FULL);
      seen.failed(failure);
      assertNothingLeft();
    }
  }

  private void shows(Seen seen, String whichCase, String path, @Nullable String checksum)
      throws Exception {
    VmException failure = failure(new ImageSource.Url(at(path), checksum));
    codes.add(failure.code());
    seen.says(whichCase, told(failure));
    assertNothingLeft();
  }

  private VmException failure(ImageSource source) {
    Throwable thrown = catchThrowable(() -> cache().ensure(source, progress -> {}).join());
    assertThat(thrown).hasCauseInstanceOf(VmException.class);
    return Objects.requireNonNull((VmException) thrown.getCause());
  }

  private static String told(VmException failure) {
    return "error[%s]: %s\n  help: %s"
        .formatted(failure.code().text(), failure.getMessage(), failure.help());
  }

  private ImageCache cache() {
    return new ImageCache(images, TestHost.here(), executor, Clock.systemUTC(), ONE_TRY);
  }

  private String at(String path) {
    return "http://127.0.0.1:" + server.port() + path;
  }

  private void assertNothingLeft() throws Exception {
    try (var parts = Files.list(images.resolve("parts"))) {
      assertThat(parts.filter(part -> !part.toString().endsWith(CacheLayout.LOCK))).isEmpty();
    }
  }
}
