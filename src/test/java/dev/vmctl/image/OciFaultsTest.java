package dev.vmctl.image;

import static com.github.tomakehurst.wiremock.client.WireMock.absent;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.anyRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.anyUrl;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.getRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.permanentRedirect;
import static com.github.tomakehurst.wiremock.client.WireMock.post;
import static com.github.tomakehurst.wiremock.client.WireMock.put;
import static com.github.tomakehurst.wiremock.client.WireMock.putRequestedFor;
import static com.github.tomakehurst.wiremock.client.WireMock.status;
import static com.github.tomakehurst.wiremock.client.WireMock.temporaryRedirect;
import static com.github.tomakehurst.wiremock.client.WireMock.urlEqualTo;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathMatching;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowable;

import com.github.tomakehurst.wiremock.WireMockServer;
import com.github.tomakehurst.wiremock.client.ResponseDefinitionBuilder;
import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import dev.vmctl.host.LinuxHostLocks;
import dev.vmctl.host.LinuxHostProcesses;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Registries that are broken, strange or hostile. */
@Timeout(60)
class OciFaultsTest {
  private static final DownloadLimits ONE_TRY =
      new DownloadLimits(Duration.ofSeconds(5), Duration.ofSeconds(5), 0, Duration.ZERO);
  private static final DownloadLimits SHORT =
      new DownloadLimits(Duration.ofSeconds(1), Duration.ofSeconds(2), 0, Duration.ZERO);
  private static final byte[] CONTENT = new byte[300 * 512];

  static {
    new Random(1).nextBytes(CONTENT);
  }

  private final ExecutorService executor = Executors.newCachedThreadPool();
  private final WireMockServer server =
      new WireMockServer(wireMockConfig().dynamicPort().bindAddress("127.0.0.1"));
  @TempDir Path directory;

  @BeforeEach
  void serve() {
    server.start();
  }

  @AfterEach
  void stop() {
    executor.shutdownNow();
    server.stop();
  }

  @Test
  @Fault(area = Area.IMAGE, value = "in a registry")
  void eachFailureOfARegistryHasItsCode(Seen seen) throws Exception {
    serves("1", status(404));
    shows(seen, "there is none", pulled("1"));
    serves("1", ok("<html><body>Sign in</body></html>"));
    shows(seen, "there is a web page", pulled("1"));
    serves("1", okJson("{\"schemaVersion\": 2, \"layers\": 7}"));
    shows(seen, "its manifest is none", pulled("1"));
    serves("1", okJson("{\"schemaVersion\": 2" + " ".repeat(5 << 20) + "}"));
    shows(seen, "its manifest has five megabytes", pulled("1"));
    serves("1", okJson(manifest("application/vnd.oci.image.layer.v1.tar+gzip")));
    shows(seen, "it is a container", pulled("1"));
    serves("1", temporaryRedirect("/v2/disk/manifests/1"));
    shows(seen, "it redirects in a circle", pulled("1"));

    demands("Basic realm=\"r\"");
    shows(seen, "it needs a login", pulled("1"));
    demands("Bearer realm=\"ftp://127.0.0.1/token\",service=\"s\"");
    shows(seen, "its token service is no web server", pulled("1"));
    demands(bearer());
    server.stubFor(get(urlPathEqualTo("/token")).willReturn(status(401)));
    shows(seen, "its token service refuses", pulled("1"));
    server.stubFor(get(urlPathEqualTo("/token")).willReturn(status(500).withBody("oops")));
    shows(seen, "its token service fails", pulled("1"));
    server.stubFor(get(urlPathEqualTo("/token")).willReturn(temporaryRedirect(at("/token"))));
    shows(seen, "its token service redirects in a circle", pulled("1"));
  }

  @Test
  @Fault(area = Area.IMAGE, value = "a registry that accepts and stays silent")
  void silenceEndsInTime(Seen seen) throws Exception {
    try (ServerSocket silent = new ServerSocket(0, 16, InetAddress.getLoopbackAddress())) {
      String host = "127.0.0.1:" + silent.getLocalPort();
      String there = "oci://" + host + "/disk:1";
      ImageCache cache = cache("images", SHORT);
      CachedImage image = imported(cache, new byte[32 << 20]);
      serves("1", status(401).withHeader("WWW-Authenticate", bearer("http://" + host)));
      uploadsAt("http://" + host + "/upload");
      var pull = cache.ensure(new ImageSource.Url(there), p -> {});
      var push = cache.push(image, there, "disk", p -> {});
      var token = cache.ensure(url("1"), p -> {});
      var upload = cache.push(image, url("1").url(), "disk", p -> {});
      shows(seen, "at a pull", pull);
      shows(seen, "at a push", push);
      shows(seen, "its token service", token);
      shows(seen, "in the middle of a push", upload);
    }
  }

  @Test
  @Fault(area = Area.IMAGE, value = "a registry that does not take an image")
  void whatCannotBePushedSaysWhy(Seen seen) throws Exception {
    uploadsAt("/upload");
    server.stubFor(put(urlPathEqualTo("/upload")).willReturn(status(403)));
    shows(seen, "it is not allowed", pushed());
    server.stubFor(put(urlPathEqualTo("/upload")).willReturn(status(507)));
    shows(seen, "it is full", pushed());
    server.stubFor(put(urlPathEqualTo("/upload")).willReturn(temporaryRedirect(at("/other"))));
    shows(seen, "it sends it elsewhere on its way", pushed());
    server.verify(0, anyRequestedFor(urlPathEqualTo("/other")));
    uploadsAt("ftp:nowhere");
    shows(seen, "it wants it nowhere", pushed());
  }

  @Test
  void aPushThatNobodyWaitsForEndsAtOnce() throws Exception {
    try (ServerSocket taking = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      uploadsAt("http://127.0.0.1:" + taking.getLocalPort() + "/upload");
      ImageCache cache = cache("images", DownloadLimits.DEFAULT);
      CachedImage image = imported(cache, new byte[32 << 20]);
      var push = cache.push(image, url("1").url(), "disk", p -> {});
      try (Socket peer = taking.accept()) {
        assertThat(peer.getInputStream().read()).isEqualTo('P');
        push.cancel(true);
        peer.setSoTimeout(10_000);
        Throwable end =
            catchThrowable(() -> peer.getInputStream().transferTo(OutputStream.nullOutputStream()));
        assertThat(end instanceof SocketTimeoutException).as("still connected").isFalse();
      }
    }
  }

  @Test
  void aChallengeMayBeInAnyOrderAndWithoutAScope() throws Exception {
    for (String challenge :
        new String[] {
          "Bearer service=\"s\",realm=\"%s/token\"",
          "bearer scope=\"repository:disk:pull repository:other:pull\", realm=\"%s/token\"",
          "Bearer realm=\"%s/token?own=1\",service=s,error=\"invalid_token\""
        }) {
      server.resetAll();
      serves("1", okJson(manifest(OciRegistries.PLAIN_LAYER)));
      demands(challenge.formatted(at("")));
      server.stubFor(get(urlPathEqualTo("/token")).willReturn(okJson("{\"token\": \"letmein\"}")));
      assertThat(cache(challenge.substring(0, 12).strip()).ensure(url("1"), p -> {}).get().path())
          .hasBinaryContent(CONTENT);
    }
    server.verify(
        getRequestedFor(urlEqualTo("/token?scope=repository%3Adisk%3Apull&own=1&service=s")));
  }

  @Test
  void aLoginGoesOnlyToTheTokenServiceThatWasNamed() throws Exception {
    login("ann", "secret");
    demands(bearer());
    server.stubFor(get(urlPathEqualTo("/token")).willReturn(temporaryRedirect(at("/elsewhere"))));
    assertThat(failure(pulled("1")).code()).isEqualTo(ErrorCode.OCI_PULL_FAILED);
    server.verify(1, getRequestedFor(urlPathEqualTo("/token")));
    server.verify(0, anyRequestedFor(urlPathEqualTo("/elsewhere")));

    OciReference secured = OciReference.of(ImageUrl.parse("oci://registry.example/disk"));
    OciChallenge plain = OciChallenge.parse("Bearer realm=\"http://registry.example/token\"");
    assertThatThrownBy(() -> plain.realm(secured))
        .isInstanceOfSatisfying(
            VmException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.IMAGE_ACCESS_DENIED));
  }

  @Test
  void aTokenIsOfTheLoginThatCountsNow() throws Exception {
    serves("1", okJson(manifest(OciRegistries.PLAIN_LAYER)));
    demands(bearer());
    server.stubFor(get(urlPathEqualTo("/token")).willReturn(status(401)));
    server.stubFor(
        get(urlPathEqualTo("/token"))
            .withBasicAuth("ann", "secret")
            .willReturn(okJson("{\"token\": \"letmein\", \"expires_in\": 3600}")));
    login("ann", "secret");
    assertThat(pulled("1").get().digest()).isNotEmpty();
    login("ann", "revoked");
    assertThat(failure(cache("again").ensure(url("1"), p -> {})).code())
        .isEqualTo(ErrorCode.IMAGE_ACCESS_DENIED);
  }

  @Test
  void anIdentityTokenIsExchangedForAToken() throws Exception {
    Files.createDirectories(directory.resolve(".docker"));
    Files.writeString(
        directory.resolve(".docker/config.json"),
        "{\"auths\": {\"127.0.0.1:%d\": {\"identitytoken\": \"idtok\"}}}".formatted(server.port()));
    serves("1", okJson(manifest(OciRegistries.PLAIN_LAYER)));
    demands(bearer());
    server.stubFor(
        post(urlPathEqualTo("/token"))
            .withFormParam("grant_type", equalTo("refresh_token"))
            .withFormParam("refresh_token", equalTo("idtok"))
            .withFormParam("scope", equalTo("repository:disk:pull"))
            .willReturn(okJson("{\"access_token\": \"letmein\"}")));
    assertThat(pulled("1").get().path()).hasBinaryContent(CONTENT);
  }

  @Test
  void aTokenThatHasRunOutDuringAPushIsAskedForAgain() throws Exception {
    uploadsAt("uploads/1?state=x");
    server.stubFor(put(urlPathEqualTo("/v2/disk/blobs/uploads/uploads/1")).willReturn(status(201)));
    server.stubFor(put(urlPathEqualTo("/v2/disk/manifests/1")).willReturn(status(201)));
    server.stubFor(
        any(urlPathMatching("/v2/disk/manifests/.*"))
            .atPriority(1)
            .withHeader("Authorization", absent())
            .willReturn(status(401).withHeader("WWW-Authenticate", bearer())));
    server.stubFor(get(urlPathEqualTo("/token")).willReturn(okJson("{\"token\": \"letmein\"}")));
    pushed().get();
    server.verify(
        putRequestedFor(urlPathEqualTo("/v2/disk/blobs/uploads/uploads/1"))
            .withQueryParam("state", equalTo("x"))
            .withQueryParam("digest", equalTo(OciRegistriesTest.digest(CONTENT))));
    server.verify(
        putRequestedFor(urlPathEqualTo("/v2/disk/manifests/1"))
            .withHeader("Authorization", equalTo("Bearer letmein")));
    server.verify(
        getRequestedFor(urlPathEqualTo("/token"))
            .withQueryParam("scope", equalTo("repository:disk:pull,push")));
  }

  @Test
  void aBlobElsewhereIsResumedThereWithoutTheLogin() throws Exception {
    try (RangeServer blobs = new RangeServer(CONTENT)) {
      blobs.breaks.add(CONTENT.length / 2);
      serves("1", okJson(manifest(OciRegistries.PLAIN_LAYER)));
      server.stubFor(
          get(urlPathMatching("/v2/disk/blobs/.*"))
              .willReturn(temporaryRedirect(blobs.url().url())));
      demands(bearer());
      server.stubFor(get(urlPathEqualTo("/token")).willReturn(okJson("{\"token\": \"letmein\"}")));
      assertThat(failure(pulled("1")).code()).isEqualTo(ErrorCode.OCI_PULL_FAILED);
      assertThat(pulled("1").get().path()).hasBinaryContent(CONTENT);
      assertThat(blobs.served).as("no byte is sent twice").hasValue(CONTENT.length);
      assertThat(blobs.ranges).containsExactly("null", String.valueOf(CONTENT.length / 2));
    }
  }

  @Test
  void aRelativeRedirectIsFollowed() throws Exception {
    serves("1", permanentRedirect("2"));
    serves("2", okJson(manifest(OciRegistries.PLAIN_LAYER)));
    assertThat(pulled("1").get().path()).hasBinaryContent(CONTENT);
  }

  private void serves(String tag, ResponseDefinitionBuilder answer) throws Exception {
    server.stubFor(get(urlPathEqualTo("/v2/disk/manifests/" + tag)).willReturn(answer));
    server.stubFor(
        get(urlPathEqualTo("/v2/disk/blobs/" + OciRegistriesTest.digest(CONTENT)))
            .willReturn(ok().withBody(CONTENT)));
  }

  private void demands(String challenge) {
    server.stubFor(
        any(urlPathMatching("/v2/.*"))
            .atPriority(1)
            .withHeader("Authorization", absent())
            .willReturn(status(401).withHeader("WWW-Authenticate", challenge)));
  }

  private String bearer() {
    return bearer(at(""));
  }

  private static String bearer(String server) {
    return "Bearer realm=\"" + server + "/token\",service=\"s\"";
  }

  private void uploadsAt(String location) {
    server.stubFor(any(anyUrl()).atPriority(9).willReturn(status(404)));
    server.stubFor(
        post(urlPathEqualTo("/v2/disk/blobs/uploads/"))
            .willReturn(status(202).withHeader("Location", location)));
  }

  private String at(String path) {
    return "http://127.0.0.1:" + server.port() + path;
  }

  private static String manifest(String type) throws Exception {
    return """
    {"schemaVersion": 2, "layers": [{"mediaType": "%s", "digest": "%s"}]}
    """
        .formatted(type, OciRegistriesTest.digest(CONTENT));
  }

  private ImageSource.Url url(String tag) {
    return new ImageSource.Url("oci://127.0.0.1:" + server.port() + "/disk:" + tag);
  }

  private CompletableFuture<CachedImage> pulled(String tag) {
    return cache("images").ensure(url(tag), p -> {});
  }

  private CompletableFuture<CachedImage> pushed() throws Exception {
    ImageCache cache = cache("images");
    return cache.push(imported(cache, CONTENT), url("1").url(), "disk", p -> {});
  }

  private CachedImage imported(ImageCache cache, byte[] content) throws Exception {
    Path file = Files.write(directory.resolve("disk.raw"), content);
    return cache.ensure(new ImageSource.LocalFile(file), p -> {}).get();
  }

  private ImageCache cache(String name) {
    return cache(name, ONE_TRY);
  }

  private ImageCache cache(String name, DownloadLimits limits) {
    return new ImageCache(
        directory.resolve(name),
        TestHost.with(new LinuxHostLocks(new LinuxHostProcesses()), directory, Map.of()),
        executor,
        Clock.systemUTC(),
        limits);
  }

  private void login(String user, String password) throws Exception {
    String auth =
        Base64.getEncoder()
            .encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    Files.createDirectories(directory.resolve(".docker"));
    Files.writeString(
        directory.resolve(".docker/config.json"),
        "{\"auths\": {\"127.0.0.1:%d\": {\"auth\": \"%s\"}}}".formatted(server.port(), auth));
  }

  private static void shows(Seen seen, String whichCase, CompletableFuture<CachedImage> caller) {
    seen.failed(whichCase, failure(caller));
  }

  private static VmException failure(CompletableFuture<CachedImage> caller) {
    Throwable thrown = catchThrowable(caller::join);
    assertThat(thrown).hasCauseInstanceOf(VmException.class);
    return Objects.requireNonNull((VmException) thrown.getCause());
  }
}
