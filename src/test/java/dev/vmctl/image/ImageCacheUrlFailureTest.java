package dev.vmctl.image;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.client.WireMock.status;
import static org.assertj.core.api.Assertions.assertThat;

import com.github.luben.zstd.Zstd;
import com.github.tomakehurst.wiremock.http.Fault;
import dev.vmctl.MountedFileSystem;
import dev.vmctl.image.ImageSource.Url;
import dev.vmctl.model.ErrorCode;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Servers that do not deliver, deliver something else, or fall silent. */
class ImageCacheUrlFailureTest extends ImageCacheUrlFixture {
  private static final DownloadLimits SHORT =
      new DownloadLimits(Duration.ofSeconds(5), Duration.ofSeconds(2), 2, Duration.ofMillis(10));

  @Test
  void aRefreshThatFailsKeepsTheOldImage() throws Exception {
    serve("/disk", CONTENT);
    CachedImage first = ensure("/disk");
    SERVER.stubFor(get("/disk").willReturn(status(503)));
    assertFails(
        ErrorCode.IMAGE_DOWNLOAD_FAILED, cache.refresh(url("/disk"), progress -> {}), "503");
    assertThat(cache.lookup(url("/disk"))).contains(first);
  }

  @ParameterizedTest
  @ValueSource(ints = {404, 410})
  void aMissingFileIsNotFound(int status) {
    SERVER.stubFor(get("/disk").willReturn(status(status)));
    assertFails(ErrorCode.IMAGE_NOT_FOUND, "/disk", "HTTP " + status);
  }

  @ParameterizedTest
  @ValueSource(ints = {429, 500, 502, 503, 206, 304})
  void aServerThatDoesNotDeliverIsTriedAgain(int status) {
    SERVER.stubFor(get("/disk").willReturn(status(status)));
    assertFails(ErrorCode.IMAGE_DOWNLOAD_FAILED, "/disk", "HTTP " + status);
  }

  @ParameterizedTest
  @ValueSource(ints = {401, 403})
  void aServerThatRefusesAccessIsNotTriedAgain(int status) {
    SERVER.stubFor(get("/disk").willReturn(status(status)));
    assertFails(ErrorCode.IMAGE_ACCESS_DENIED, "/disk", "HTTP " + status);
  }

  @Test
  void aWebPageInPlaceOfAnImageIsRefused() {
    SERVER.stubFor(get("/disk").willReturn(ok("<html><body>Sign in</body></html>")));
    assertFails(ErrorCode.IMAGE_FORMAT_DETECTION_FAILED, "/disk", "web page");
    SERVER.stubFor(get("/disk.zst").willReturn(ok("<!doctype html>")));
    assertFails(ErrorCode.IMAGE_FORMAT_DETECTION_FAILED, "/disk.zst", "web page");
  }

  @Test
  void contentThatIsNotWhatItsNameSaysIsRefused() {
    serve("/disk.zst", CONTENT);
    assertFails(ErrorCode.IMAGE_INVALID, "/disk.zst", "not compressed");
    serve("/disk.xz", new byte[] {(byte) 0xfd, '7', 'z', 'X', 'Z', 0, 1, 2});
    assertFails(ErrorCode.IMAGE_DECOMPRESSION_FAILED, "/disk.xz", "xz");
  }

  @Test
  void anEmptyBodyIsNoImage() {
    serve("/disk", new byte[0]);
    assertFails(ErrorCode.IMAGE_INVALID, "/disk", "empty");
  }

  @Test
  void aCompressedFileCutOffOnTheServerIsInvalid() throws Exception {
    byte[] zstd = Zstd.compress(CONTENT);
    serve("/a.zst", Arrays.copyOf(zstd, zstd.length - 100));
    assertFails(ErrorCode.IMAGE_DECOMPRESSION_FAILED, "/a.zst", "cut off");
    byte[] gzip = gzip(CONTENT);
    serve("/a.gz", Arrays.copyOf(gzip, gzip.length - 100));
    assertFails(ErrorCode.IMAGE_DECOMPRESSION_FAILED, "/a.gz", "cut off");
    zstd[zstd.length / 2] ^= 0x55;
    serve("/b.zst", Arrays.copyOf(zstd, zstd.length / 2 + 200));
    assertFails(ErrorCode.IMAGE_DECOMPRESSION_FAILED, "/b.zst", "damaged");
  }

  @Test
  void aDownloadThatBreaksOffIsTriedAgainAndLeavesNothing() throws Exception {
    try (RawServer server =
        new RawServer("HTTP/1.1 200 OK\r\nContent-Length: 9999\r\n\r\n", CONTENT, false)) {
      assertFails(
          ErrorCode.IMAGE_DOWNLOAD_FAILED, cache.ensure(server.url(), p -> {}), "broke off");
    }
    byte[] zstd = Zstd.compress(CONTENT);
    try (RawServer server =
        new RawServer("HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n", zstd, false)) {
      assertFails(
          ErrorCode.IMAGE_DOWNLOAD_FAILED, cache.ensure(server.url(), p -> {}), "broke off");
    }
    try (RawServer server =
        new RawServer(
            "HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n2000\r\n", CONTENT, false)) {
      assertFails(
          ErrorCode.IMAGE_DOWNLOAD_FAILED, cache.ensure(server.url(), p -> {}), "broke off");
    }
    SERVER.stubFor(get("/reset").willReturn(aResponse().withFault(Fault.CONNECTION_RESET_BY_PEER)));
    assertFails(ErrorCode.IMAGE_DOWNLOAD_FAILED, "/reset", "");
    assertThat(cache.list()).isEmpty();
  }

  @Test
  void aServerThatFallsSilentIsGivenUp() throws Exception {
    ImageCache impatient = cacheIn(directory.resolve("images"), SHORT);
    try (RawServer server =
        new RawServer("HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n", CONTENT, true)) {
      assertFails(
          ErrorCode.IMAGE_DOWNLOAD_FAILED, impatient.ensure(server.url(), p -> {}), "stalled");
    }
    try (RawServer server = new RawServer("", new byte[0], true)) {
      assertFails(
          ErrorCode.IMAGE_DOWNLOAD_FAILED,
          impatient.ensure(server.url(), p -> {}),
          "does not answer");
    }
  }

  @Test
  void cancellingEndsADownloadThatIsStuck() throws Exception {
    try (RawServer server =
        new RawServer("HTTP/1.1 200 OK\r\nContent-Length: 999999\r\n\r\n", CONTENT, true)) {
      CountDownLatch begun = new CountDownLatch(1);
      CompletableFuture<CachedImage> caller =
          cache.ensure(server.url(), progress -> begun.countDown());
      begun.await();
      caller.cancel(true);
      executor.shutdown();
      assertThat(executor.awaitTermination(20, TimeUnit.SECONDS)).isTrue();
    }
    try (var parts = Files.list(directory.resolve("images/parts"))) {
      assertThat(parts.filter(part -> !part.toString().endsWith(".lock"))).isEmpty();
    }
  }

  @Test
  void nobodyListeningAndUnknownHostsAreToldApart() throws Exception {
    int port;
    try (ServerSocket socket = new ServerSocket(0)) {
      port = socket.getLocalPort();
    }
    assertFails(
        ErrorCode.IMAGE_DOWNLOAD_FAILED,
        cache.ensure(new Url("http://127.0.0.1:" + port + "/disk"), p -> {}),
        "no connection to 127.0.0.1");
    assertFails(
        ErrorCode.IMAGE_DOWNLOAD_FAILED,
        cache.ensure(new Url("http://no-such-host.invalid/disk"), p -> {}),
        "host name no-such-host.invalid is not known");
  }

  @Test
  void whatIsNotDownloadedSaysSo() {
    for (String text :
        List.of("oci://registry/Not:a:name", "ftp://host/disk", "nonsense", "http:///x")) {
      assertFails(ErrorCode.IMAGE_UNSUPPORTED, cache.ensure(new Url(text), p -> {}), "");
    }
  }

  @Test
  void aFullDiskIsToldApartAndNothingIsLeft() throws Exception {
    serve("/known", content(3, 4 << 20));
    serve("/unknown.zst", Zstd.compress(content(3, 4 << 20)));
    serve("/small.zst", Zstd.compress("ab".repeat(2 << 20).getBytes(StandardCharsets.UTF_8)));
    try (MountedFileSystem small = MountedFileSystem.small(directory.resolve("small"), "1m")) {
      ImageCache there = cacheIn(small.root().resolve("images"), DownloadLimits.DEFAULT);
      for (String path : List.of("/known", "/unknown.zst", "/small.zst")) {
        assertFails(ErrorCode.DISK_FULL, there.ensure(url(path), progress -> {}), "space");
      }
      assertThat(there.list()).isEmpty();
      try (var parts = Files.list(small.root().resolve("images/parts"))) {
        assertThat(parts.filter(part -> !part.toString().endsWith(".lock"))).isEmpty();
      }
    }
  }

  /** Answers one request with just these bytes, then closes or says nothing more. */
  private static final class RawServer implements AutoCloseable {
    private final ServerSocket socket;
    private final Thread thread;
    private final CountDownLatch closing = new CountDownLatch(1);

    RawServer(String head, byte[] body, boolean silent) throws IOException {
      socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
      thread = Thread.ofPlatform().start(() -> answer(head, body, silent));
    }

    private void answer(String head, byte[] body, boolean silent) {
      try (Socket peer = socket.accept()) {
        peer.getInputStream().read(new byte[4096]);
        peer.getOutputStream().write(head.getBytes(StandardCharsets.US_ASCII));
        peer.getOutputStream().write(body, 0, Math.min(body.length, 5000));
        peer.getOutputStream().flush();
        if (silent) {
          closing.await();
        }
      } catch (IOException | InterruptedException e) {
        throw new IllegalStateException(e);
      }
    }

    Url url() {
      return new Url("http://127.0.0.1:" + socket.getLocalPort() + "/disk");
    }

    @Override
    public void close() throws Exception {
      closing.countDown();
      thread.join();
      socket.close();
    }
  }
}
