package dev.vmctl.image;

import static com.github.tomakehurst.wiremock.client.WireMock.absent;
import static com.github.tomakehurst.wiremock.client.WireMock.any;
import static com.github.tomakehurst.wiremock.client.WireMock.equalTo;
import static com.github.tomakehurst.wiremock.client.WireMock.get;
import static com.github.tomakehurst.wiremock.client.WireMock.ok;
import static com.github.tomakehurst.wiremock.client.WireMock.okJson;
import static com.github.tomakehurst.wiremock.client.WireMock.status;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathEqualTo;
import static com.github.tomakehurst.wiremock.client.WireMock.urlPathMatching;
import static com.github.tomakehurst.wiremock.core.WireMockConfiguration.wireMockConfig;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.github.tomakehurst.wiremock.WireMockServer;
import dev.vmctl.host.LinuxHostFacts;
import dev.vmctl.host.LinuxHostLocks;
import dev.vmctl.host.LinuxHostProcesses;
import dev.vmctl.image.ImageSource.LocalFile;
import dev.vmctl.image.ImageSource.Url;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.MessageDigest;
import java.time.Clock;
import java.util.Base64;
import java.util.HexFormat;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import land.oras.utils.Const;
import org.assertj.core.api.Assumptions;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class OciRegistriesTest {
  private static final byte[] CONTENT = new byte[300 * 512];
  private static final String INDEX = "application/vnd.oci.image.index.v1+json";

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

  private ImageCache cache(String name) {
    ImageHost host =
        new ImageHost(
            new LinuxHostLocks(new LinuxHostProcesses()),
            new LinuxHostProcesses(),
            "boot",
            directory,
            Map.of(),
            bytes -> {});
    return new ImageCache(
        directory.resolve(name), host, executor, Clock.systemUTC(), DownloadLimits.DEFAULT);
  }

  private CachedImage imported(ImageCache cache) throws Exception {
    Path file = Files.write(directory.resolve("disk.raw"), CONTENT);
    return cache.ensure(new LocalFile(file), p -> {}).get();
  }

  private static void assumeRegistry() {
    Assumptions.assumeThat(LinuxHostFacts.ofThisProcess().findProgram("docker-registry"))
        .as("docker-registry is not installed: skipped")
        .isPresent();
  }

  @Test
  void whatIsPushedToARegistryIsPulledFromIt() throws Exception {
    assumeRegistry();
    try (RealRegistry registry = new RealRegistry(directory.resolve("registry"), null)) {
      ImageCache here = cache("here");
      CachedImage image = imported(here);
      String target = registry.url("some/disk:1");
      here.push(image, target, "disk.raw", p -> {}).get();
      here.push(image, target, "disk.raw", p -> {}).get();

      ImageCache there = cache("there");
      CachedImage pulled = there.ensure(new Url(target), p -> {}).get();

      assertThat(pulled.digest()).isEqualTo(image.digest());
      assertThat(pulled.path()).hasBinaryContent(CONTENT);
      assertThat(there.refresh(new Url(target), p -> {}).get()).isEqualTo(pulled);
      Url pinned = new Url(registry.url("some/disk@" + registry.digest("some/disk", "1")));
      assertThat(cache("pinned").ensure(pinned, p -> {}).get().digest()).isEqualTo(image.digest());
      assertFails(
          ErrorCode.IMAGE_NOT_FOUND, there.ensure(new Url(registry.url("some/disk:2")), p -> {}));
      assertFails(
          ErrorCode.USAGE,
          here.push(image, registry.url("some/disk@" + image.digest()), "x", p -> {}));
    }
  }

  @Test
  void aRegistryThatDemandsALoginGetsTheOneThatDockerKeeps() throws Exception {
    assumeRegistry();
    try (RealRegistry registry =
        new RealRegistry(directory.resolve("registry"), Map.entry("ann", "secret"))) {
      ImageCache here = cache("here");
      CachedImage image = imported(here);
      String target = registry.url("disk:1");
      assertFails(ErrorCode.IMAGE_ACCESS_DENIED, here.push(image, target, "disk", p -> {}));
      login("127.0.0.1:" + registry.port, "ann", "wrong");
      assertFails(ErrorCode.IMAGE_ACCESS_DENIED, here.push(image, target, "disk", p -> {}));

      login("127.0.0.1:" + registry.port, "ann", "secret");
      here.push(image, target, "disk", p -> {}).get();

      assertThat(cache("there").ensure(new Url(target), p -> {}).get().digest())
          .isEqualTo(image.digest());
    }
  }

  private void login(String registry, String user, String password) throws Exception {
    String auth =
        Base64.getEncoder()
            .encodeToString((user + ":" + password).getBytes(StandardCharsets.UTF_8));
    Files.createDirectories(directory.resolve(".docker"));
    Files.writeString(
        directory.resolve(".docker/config.json"),
        "{\"auths\": {\"%s\": {\"auth\": \"%s\"}}}".formatted(registry, auth));
  }

  @Test
  void anonymousCallersFetchATokenAndTheManifestOfTheirArchitecture() throws Exception {
    String manifest = manifest("application/vnd.cloudnebula.qcow2.layer.v1", digest(CONTENT));
    demandToken();
    serve("/v2/disk/manifests/latest", index(manifest));
    serve("/v2/disk/manifests/" + digest(manifest), manifest);
    server.stubFor(
        get(urlPathEqualTo("/v2/disk/blobs/" + digest(CONTENT)))
            .withHeader("Authorization", equalTo("Bearer letmein"))
            .willReturn(ok().withBody(CONTENT)));

    CachedImage image = cache("images").ensure(new Url(url("disk")), p -> {}).get();

    assertThat(image.path()).hasBinaryContent(CONTENT);
  }

  @Test
  void aLoginIsExchangedForAToken() throws Exception {
    login("127.0.0.1:" + server.port(), "ann", "secret");
    demandToken();
    server.stubFor(get(urlPathEqualTo("/token")).willReturn(status(401)));
    server.stubFor(
        get(urlPathEqualTo("/token"))
            .withBasicAuth("ann", "secret")
            .willReturn(okJson("{\"access_token\": \"letmein\"}")));
    serve("/v2/disk/manifests/1", manifest("application/octet-stream", digest(CONTENT)));
    server.stubFor(
        get(urlPathEqualTo("/v2/disk/blobs/" + digest(CONTENT)))
            .willReturn(ok().withBody(CONTENT)));

    assertThat(cache("images").ensure(new Url(url("disk:1")), p -> {}).get().digest())
        .isEqualTo(digest(CONTENT));
  }

  @Test
  void whatIsNotWhatItsDigestSaysIsRefused() throws Exception {
    byte[] other = CONTENT.clone();
    other[0]++;
    serve("/v2/disk/manifests/1", manifest("application/octet-stream", digest(other)));
    server.stubFor(
        get(urlPathEqualTo("/v2/disk/blobs/" + digest(other))).willReturn(ok().withBody(CONTENT)));
    ImageCache cache = cache("images");
    assertFails(ErrorCode.IMAGE_CHECKSUM_MISMATCH, cache.ensure(new Url(url("disk:1")), p -> {}));
    String pinned = "disk@sha256:" + "0".repeat(64);
    serve("/v2/disk/manifests/sha256:" + "0".repeat(64), manifest("x", digest(CONTENT)));
    assertFails(ErrorCode.IMAGE_CHECKSUM_MISMATCH, cache.ensure(new Url(url(pinned)), p -> {}));
    assertThat(cache.list()).isEmpty();
  }

  @Test
  void aContainerIsNoDisk() throws Exception {
    serve(
        "/v2/disk/manifests/1",
        manifest("application/vnd.oci.image.layer.v1.tar+gzip", digest(CONTENT)));
    assertFails(
        ErrorCode.IMAGE_UNSUPPORTED, cache("images").ensure(new Url(url("disk:1")), p -> {}));
  }

  @Test
  void theProgramThatKeepsDockersLoginsIsAsked() throws Exception {
    Path helper = directory.resolve("docker-credential-vault");
    Files.writeString(
        helper,
        """
        #!/bin/sh
        [ "$1" = get ] || exit 64
        case $(cat) in
          a.example:5000) echo '{"ServerURL": "x", "Username": "ann", "Secret": "s3:cret"}' ;;
          b.example) echo '{"Username": "<token>", "Secret": "tok"}' ;;
          c.example) echo 'credentials not found in native keychain'; exit 1 ;;
          d.example) echo 'the vault is locked' >&2; exit 1 ;;
          https://index.docker.io/v1/) echo '{"Username": "hub", "Secret": "h"}' ;;
          *) echo 'no JSON' ;;
        esac
        """);
    Files.setPosixFilePermissions(helper, PosixFilePermissions.fromString("rwx------"));
    Files.createDirectories(directory.resolve(".docker"));
    Files.writeString(
        directory.resolve(".docker/config.json"),
        """
        {"credsStore": "vault", "credHelpers": {"f.example": "missing"}}""");
    DockerCredentials credentials =
        new DockerCredentials(
            TestHost.with(
                new LinuxHostLocks(new LinuxHostProcesses()),
                directory,
                Map.of("PATH", directory.toString())));

    DockerCredentials.Login login = credentials.of("a.example:5000").orElseThrow();
    assertThat(login.user()).isEqualTo("ann");
    assertThat(login.secret()).isEqualTo("s3:cret");
    assertThat(credentials.of("b.example").orElseThrow().isToken()).isTrue();
    assertThat(credentials.of("c.example")).isEmpty();
    assertThat(credentials.of("docker.io").orElseThrow().user()).isEqualTo("hub");
    assertThatThrownBy(() -> credentials.of("d.example")).hasMessageContaining("vault is locked");
    assertThatThrownBy(() -> credentials.of("e.example")).hasMessageContaining("JSON");
    assertThatThrownBy(() -> credentials.of("f.example"))
        .isInstanceOf(VmException.class)
        .hasMessageContaining("docker-credential-missing");
  }

  @Test
  void theTokenOfGithubIsForItsRegistryOnly() throws Exception {
    DockerCredentials credentials =
        new DockerCredentials(
            TestHost.with(
                new LinuxHostLocks(new LinuxHostProcesses()),
                directory,
                Map.of("GITHUB_TOKEN", "abc")));
    assertThat(credentials.of("ghcr.io").orElseThrow().secret()).isEqualTo("abc");
    assertThat(credentials.of("other.io")).isEmpty();
    assertThat(credentials.of("ghcr.io").toString()).doesNotContain("abc");
  }

  private void demandToken() {
    server.stubFor(
        get(urlPathEqualTo("/token"))
            .withHeader("Authorization", absent())
            .willReturn(okJson("{\"token\": \"letmein\"}")));
    server.stubFor(
        any(urlPathMatching("/v2/.*"))
            .atPriority(1)
            .withHeader("Authorization", absent())
            .willReturn(
                status(401)
                    .withHeader(
                        "WWW-Authenticate",
                        "Bearer realm=\"http://127.0.0.1:%d/token\",service=\"s\",scope=\"repository:disk:pull\""
                            .formatted(server.port()))));
  }

  private void serve(String path, String body) {
    server.stubFor(get(urlPathEqualTo(path)).willReturn(ok(body)));
  }

  private String url(String name) {
    return "oci://127.0.0.1:" + server.port() + "/" + name;
  }

  private static String index(String manifest) throws Exception {
    return """
    {"schemaVersion": 2, "mediaType": "%s", "manifests": [
      {"mediaType": "%2$s", "size": 1, "digest": "sha256:%3$s", "platform": {"os": "unknown", "architecture": "unknown"}},
      {"mediaType": "%2$s", "size": 1, "digest": "sha256:%3$s", "platform": {"os": "linux", "architecture": "s390x"}},
      {"mediaType": "%2$s", "size": 1, "digest": "%4$s", "platform": {"os": "linux", "architecture": "%5$s", "variant": "v8"}}]}
    """
        .formatted(
            INDEX,
            Const.DEFAULT_MANIFEST_MEDIA_TYPE,
            "1".repeat(64),
            digest(manifest),
            OciRegistries.architecture());
  }

  private static String manifest(String type, String digest) {
    return """
    {"schemaVersion": 2, "layers": [{"mediaType": "%s", "digest": "%s"}]}
    """
        .formatted(type, digest);
  }

  private static String digest(String text) throws Exception {
    return digest(text.getBytes(StandardCharsets.UTF_8));
  }

  static String digest(byte[] content) throws Exception {
    return "sha256:"
        + HexFormat.of().formatHex(MessageDigest.getInstance("SHA-256").digest(content));
  }

  private static void assertFails(ErrorCode code, CompletableFuture<CachedImage> caller) {
    assertThatThrownBy(caller::join)
        .cause()
        .isInstanceOfSatisfying(
            VmException.class, e -> assertThat(e.code()).as(e.getMessage()).isEqualTo(code));
  }
}
