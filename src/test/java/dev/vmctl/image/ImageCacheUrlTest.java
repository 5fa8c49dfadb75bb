package dev.vmctl.image;

import static com.github.tomakehurst.wiremock.client.WireMock.aResponse;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.client.WireMock.status;
import static com.github.tomakehurst.wiremock.client.WireMock.temporaryRedirect;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.luben.zstd.Zstd;
import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.http.Fault;
import dev.vmctl.MountedFileSystem;
import dev.vmctl.host.FileExtents;
import dev.vmctl.image.ImageSource.Url;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.List;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import java.util.zip.GZIPOutputStream;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageCacheUrlTest {
  private static final DownloadLimits SHORT =
      new DownloadLimits(Duration.ofSeconds(5), Duration.ofSeconds(2), 2, Duration.ofMillis(10));
  private static final byte[] CONTENT = content(1, 300 * 512);

  private static final WireMockServer SERVER =
      new WireMockServer(wireMockConfig().dynamicPort().bindAddress("127.0.0.1"));

  private final ExecutorService executor = Executors.newCachedThreadPool();
  @TempDir Path directory;
  private ImageCache cache;

  @BeforeAll
  static void serve() {
    SERVER.start();
  }

  @AfterAll
  static void stopServing() {
    SERVER.stop();
  }

  @BeforeEach
  void open() {
    SERVER.resetAll();
    cache = cacheIn(directory.resolve("images"), DownloadLimits.DEFAULT);
  }

  @AfterEach
  void stop() {
    executor.shutdownNow();
  }

  private ImageCache cacheIn(Path where, DownloadLimits limits) {
    return new ImageCache(where, TestHost.here(), executor, Clock.systemUTC(), limits);
  }

  @Test
  void aUrlIsDownloadedOnceAndNotAskedForAgain() throws Exception {
    serve("/disk.img", CONTENT);
    CachedImage image = ensure("/disk.img");

    assertThat(image.path()).hasBinaryContent(CONTENT);
    assertThat(cache.lookup(url("/disk.img"))).contains(image);
    assertThat(ensure("/disk.img")).isEqualTo(image);
    SERVER.verify(1, getRequestedFor(urlEqualTo("/disk.img")));
  }

  @Test
  void compressedImagesAreStoredAsTheyAreInside() throws Exception {
    serve("/disk.raw.zst", Zstd.compress(CONTENT));
    serve("/disk.raw.gz", gzip(CONTENT));
    CachedImage image = ensure("/disk.raw.zst");
    assertThat(image.path()).hasBinaryContent(CONTENT);
    assertThat(ensure("/disk.raw.gz")).isEqualTo(image);
  }

  @Test
  void severalZstdFramesAreOneImage() throws Exception {
    ByteArrayOutputStream frames = new ByteArrayOutputStream();
    frames.write(Zstd.compress(Arrays.copyOf(CONTENT, 1000)));
    frames.write(Zstd.compress(Arrays.copyOfRange(CONTENT, 1000, CONTENT.length)));
    serve("/disk", frames.toByteArray());
    assertThat(ensure("/disk").path()).hasBinaryContent(CONTENT);
  }

  @Test
  void zerosOfADownloadTakeNoSpace() throws Exception {
    byte[] large = Arrays.copyOf(CONTENT, 64 << 20);
    serve("/disk.zst", Zstd.compress(large));
    CachedImage image = ensure("/disk.zst");
    assertThat(Files.size(image.path())).isEqualTo(64 << 20);
    assertThat(FileExtents.dataBytes(image.path())).isLessThan(1 << 20);
  }

  @Test
  void revalidationFetchesOnlyWhatChanged() throws Exception {
    SERVER.stubFor(get("/disk").willReturn(ok().withHeader("ETag", "\"one\"").withBody(CONTENT)));
    CachedImage first = ensure("/disk");
    SERVER.stubFor(
        get("/disk").withHeader("If-None-Match", equalTo("\"one\"")).willReturn(status(304)));
    assertThat(cache.refresh(url("/disk"), progress -> {}).get()).isEqualTo(first);

    SERVER.stubFor(
        get("/disk")
            .withHeader("If-None-Match", equalTo("\"one\""))
            .willReturn(ok().withHeader("ETag", "\"two\"").withBody(content(2, 1024))));
    CachedImage second = cache.refresh(url("/disk"), progress -> {}).get();

    assertThat(second.path()).hasBinaryContent(content(2, 1024));
    assertThat(cache.lookup(url("/disk"))).contains(second);
    assertThat(cache.byDigest(first.digest())).contains(first);
  }

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
  void theUserOfAUrlLogsIn() throws Exception {
    SERVER.stubFor(get("/disk").willReturn(status(401)));
    SERVER.stubFor(get("/disk").withBasicAuth("ann", "a+b").willReturn(ok().withBody(CONTENT)));
    Url url = new Url("http://ann:a+b@127.0.0.1:" + SERVER.port() + "/disk");
    assertThat(cache.ensure(url, p -> {}).get().path()).hasBinaryContent(CONTENT);
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
  void redirectsAreFollowedButNotForEver() throws Exception {
    SERVER.stubFor(get("/old").willReturn(temporaryRedirect("/disk")));
    serve("/disk", CONTENT);
    assertThat(ensure("/old").path()).hasBinaryContent(CONTENT);
    SERVER.stubFor(get("/loop").willReturn(temporaryRedirect("/loop")));
    assertFails(ErrorCode.IMAGE_REDIRECT_LOOP, "/loop", "redirects");
  }

  @Test
  void secretsOfAUrlAreNeverShown() {
    SERVER.stubFor(get(urlPathEqualTo("/disk")).willReturn(status(403)));
    String secret = "http://user:hunter2@127.0.0.1:" + SERVER.port() + "/disk?token=hunter2";
    assertThatThrownBy(() -> cache.ensure(new Url(secret), p -> {}).join())
        .satisfies(e -> assertThat(e.toString()).doesNotContain("hunter2").contains("/disk"));
  }

  @Test
  void whatIsNotDownloadedSaysSo() {
    for (String text :
        List.of("oci://registry/Not:a:name", "ftp://host/disk", "nonsense", "http:///x")) {
      assertFails(ErrorCode.IMAGE_UNSUPPORTED, cache.ensure(new Url(text), p -> {}), "");
    }
  }

  @Test
  void whatWasDeclaredOfAnImageIsCheckedBeforeItIsUsed() throws Exception {
    byte[] zstd = Zstd.compress(CONTENT);
    serve("/disk.zst", zstd);
    serve(
        "/SHA256SUMS",
        (hex(zstd) + " *disk.zst\n" + hex(CONTENT) + "  other\n").getBytes(StandardCharsets.UTF_8));
    serve("/BSD", ("SHA256 (disk.zst) = " + hex(zstd) + "\n").getBytes(StandardCharsets.UTF_8));
    serve("/WRONG", ("0".repeat(64) + "  ./disk.zst\n").getBytes(StandardCharsets.UTF_8));
    serve("/EMPTY", "nothing here\n".getBytes(StandardCharsets.UTF_8));

    assertFails(ErrorCode.IMAGE_CHECKSUM_MISMATCH, demanding("0".repeat(64)), hex(zstd));
    assertFails(ErrorCode.IMAGE_CHECKSUM_MISMATCH, demanding(at("/WRONG")), hex(zstd));
    assertFails(ErrorCode.IMAGE_CHECKSUM_UNAVAILABLE, demanding(at("/EMPTY")), "disk.zst");
    assertFails(ErrorCode.IMAGE_CHECKSUM_UNAVAILABLE, demanding(at("/NONE")), "no list");
    assertThat(cache.list()).isEmpty();
    assertNothingLeft();
    CachedImage image = demanding(at("/SHA256SUMS")).get();
    for (String right : List.of(at("/BSD"), hex(zstd), "sha256:" + hex(CONTENT))) {
      assertThat(demanding(right).get()).isEqualTo(image);
    }
    assertFails(ErrorCode.IMAGE_CHECKSUM_MISMATCH, demanding("0".repeat(64)), hex(zstd));
    assertThat(cache.lookup(url("/disk.zst"))).contains(image);
  }

  private CompletableFuture<CachedImage> demanding(String checksum) {
    return cache.ensure(new Url(at("/disk.zst"), checksum), progress -> {});
  }

  private static String hex(byte[] content) throws Exception {
    return HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
  }

  private String at(String path) {
    return url(path).url();
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

  private static void serve(String path, byte[] body) {
    SERVER.stubFor(get(path).willReturn(ok().withBody(body)));
  }

  private Url url(String path) {
    return new Url("http://127.0.0.1:" + SERVER.port() + path);
  }

  private CachedImage ensure(String path) throws Exception {
    return cache.ensure(url(path), progress -> {}).get();
  }

  private void assertFails(ErrorCode code, String path, String saying) {
    assertFails(code, cache.ensure(url(path), progress -> {}), saying);
    assertThat(cache.lookup(url(path))).isEmpty();
    assertNothingLeft();
  }

  private void assertNothingLeft() {
    try (var parts = Files.list(directory.resolve("images/parts"))) {
      assertThat(parts.filter(part -> !part.toString().endsWith(".lock"))).isEmpty();
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  private static void assertFails(
      ErrorCode code, CompletableFuture<CachedImage> caller, String saying) {
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

  private static byte[] gzip(byte[] content) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    try (OutputStream out = new GZIPOutputStream(bytes)) {
      out.write(content);
    }
    return bytes.toByteArray();
  }

  private static byte[] content(long seed, int length) {
    byte[] bytes = new byte[length];
    new Random(seed).nextBytes(bytes);
    return bytes;
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
