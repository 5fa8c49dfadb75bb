package dev.vmctl.daemon;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import io.vertx.core.Vertx;
import java.io.IOException;
import java.io.InputStream;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.atomic.AtomicLong;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Who is let in on TCP; behind it is an API that only says that it was asked. */
class TcpServerTest {
  private final Vertx vertx = Vertx.vertx();
  private final AtomicLong time = new AtomicLong();
  private final Sessions sessions = new Sessions(time::get);
  private final List<TcpServer> servers = new ArrayList<>();
  @TempDir private Path directory = Path.of("unset");
  private String token = "";
  private int port;

  @BeforeEach
  void serve() throws IOException {
    Path file = directory.resolve("api.token");
    AccessToken known = AccessToken.of(file);
    token = Files.readString(file).strip();
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(file)))
        .isEqualTo("rw-------");
    port = start(ApiListen.PAGE_ONLY, known).port();
  }

  private TcpServer start(ApiListen listen, AccessToken known) {
    TcpServer server =
        TcpServer.start(
            listen,
            vertx,
            known,
            sessions,
            request -> request.response().end("asked"),
            Duration.ofMillis(500));
    servers.add(server);
    return server;
  }

  @AfterEach
  void end() {
    servers.forEach(TcpServer::close);
    vertx.close().toCompletionStage().toCompletableFuture().join();
  }

  @Test
  void whoHasTheTokenIsLetInAndNobodyElse() throws IOException {
    assertThat(get("/v1/info", "Authorization: Bearer " + token)).startsWith("HTTP/1.1 200 ");
    for (String wrong : List.of("", "x", token + "x", token.substring(1))) {
      assertThat(get("/v1/info", "Authorization: Bearer " + wrong))
          .startsWith("HTTP/1.1 401 ")
          .containsIgnoringCase("www-authenticate: bearer")
          .contains("access.denied");
    }
    assertThat(get("/v1/info", "X: y")).startsWith("HTTP/1.1 401 ");
    assertThat(get("/v1/info", "Authorization: Basic " + token)).startsWith("HTTP/1.1 401 ");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {"evil.example", "evil.example:80", "127.0.0.1.evil.example", "localhost.x"})
  void aNameThatIsPointedAtUsIsNotAnswered(String host) throws IOException {
    for (String path : List.of("/", "/v1/info")) {
      assertThat(
              raw(
                  "GET "
                      + path
                      + " HTTP/1.1\r\nHost: "
                      + host
                      + "\r\nAuthorization: Bearer "
                      + token
                      + "\r\n\r\n"))
          .startsWith("HTTP/1.1 421 ");
    }
  }

  @Test
  void aLinkIsExchangedOnceForASession() throws IOException {
    String code = sessions.newCode();
    String answer = post("/session", ours(), code);
    assertThat(answer)
        .startsWith("HTTP/1.1 204 ")
        .contains("HTTPOnly", "SameSite=Strict", "Path=/");
    String cookie = cookie(answer);
    assertThat(get("/v1/info", cookie)).startsWith("HTTP/1.1 200 ");
    assertThat(post("/session", ours(), code)).startsWith("HTTP/1.1 401 ");
    assertThat(post("/session", "X: y", sessions.newCode())).startsWith("HTTP/1.1 403 ");
    time.addAndGet(Sessions.SESSION_LIFE.toNanos() + 1);
    assertThat(get("/v1/info", cookie)).startsWith("HTTP/1.1 401 ");
    String late = sessions.newCode();
    time.addAndGet(Sessions.CODE_LIFE.toNanos() + 1);
    assertThat(post("/session", ours(), late)).startsWith("HTTP/1.1 401 ");
  }

  @Test
  void whatAnotherPageHasABrowserAskIsRefused() throws IOException {
    String cookie = cookie(post("/session", ours(), sessions.newCode()));
    String path = "/v1/vms/web/stop";
    String other = "Origin: http://127.0.0.1:1";
    assertThat(post(path, cookie + "\r\n" + ours(), "")).startsWith("HTTP/1.1 200 ");
    assertThat(post(path, cookie, "")).startsWith("HTTP/1.1 403 ");
    assertThat(post(path, cookie + "\r\n" + other + "\r\nVmctl-Page: 1", ""))
        .startsWith("HTTP/1.1 403 ");
    assertThat(post(path, cookie + "\r\n" + ours().split("\r\n")[0], ""))
        .startsWith("HTTP/1.1 403 ");
    assertThat(get("/v1/watch", cookie + "\r\n" + other)).startsWith("HTTP/1.1 403 ");
    assertThat(get("/v1/watch", cookie + "\r\nSec-Fetch-Site: same-site"))
        .startsWith("HTTP/1.1 403 ");
    assertThat(get("/v1/vms/web/console/ws", cookie + "\r\nUpgrade: websocket"))
        .startsWith("HTTP/1.1 403 ");
  }

  @Test
  void thePageMayOnlyRunWhatComesWithIt() throws IOException {
    assertThat(get("/", "X: y"))
        .startsWith("HTTP/1.1 200 ")
        .contains("default-src 'none'", "script-src 'self';", "style-src 'self';")
        .doesNotContain("unsafe-", "<style", "onclick=", " style=");
    assertThat(get("/vendor/xterm/xterm.mjs", "X: y")).startsWith("HTTP/1.1 200 ");
    for (String path :
        List.of(
            "/../Page.class", "/%2e%2e/Page.class", "/vendor", "/vendor/", "/.git", "/x.html")) {
      assertThat(get(path, "X: y")).startsWith("HTTP/1.1 401 ");
    }
  }

  @Test
  @Fault(area = Area.API, value = "slow-loris on TCP")
  void whoDoesNotEndHisFirstRequestIsLetGo(Seen seen) throws Exception {
    for (String part : List.of("", "GET / HTTP/1.1\r\nHost: 127.0.0.1\r\nX: ")) {
      dripAfter(part);
    }
    assertThat(get("/", "X: y")).startsWith("HTTP/1.1 200 ");
    seen.says("nothing: the connection is closed");
  }

  private void dripAfter(String part) throws Exception {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      socket.setSoTimeout(50);
      long begun = System.nanoTime();
      socket.getOutputStream().write(part.getBytes(StandardCharsets.US_ASCII));
      boolean open = true;
      while (open) {
        assertThat(System.nanoTime() - begun).isLessThan(Duration.ofSeconds(10).toNanos());
        open = drip(socket);
      }
    }
  }

  /** One byte more; false once the connection is over. */
  private static boolean drip(Socket socket) throws InterruptedException {
    try {
      socket.getOutputStream().write('x');
      Thread.sleep(20);
      return socket.getInputStream().read() >= 0;
    } catch (java.net.SocketTimeoutException silent) {
      return true;
    } catch (IOException closed) {
      return false;
    }
  }

  @Test
  void withACertificateItSpeaksTls() throws Exception {
    Path key = directory.resolve("key.pem");
    Path certificate = directory.resolve("cert.pem");
    Process openssl =
        new ProcessBuilder(
                "openssl",
                "req",
                "-x509",
                "-newkey",
                "rsa:2048",
                "-nodes",
                "-days",
                "2",
                "-subj",
                "/CN=vms",
                "-addext",
                "subjectAltName=DNS:vms.example.org",
                "-keyout",
                key.toString(),
                "-out",
                certificate.toString())
            .redirectErrorStream(true)
            .start();
    String said = new String(openssl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(openssl.waitFor()).as(said).isZero();
    TcpServer server =
        start(
            new ApiListen("0.0.0.0", 0, certificate, key, null),
            AccessToken.of(directory.resolve("api.token")));
    assertThat(curl(server, "vms.example.org", certificate)).isEqualTo("asked");
    assertThat(raw(server.port(), "GET / HTTP/1.1\r\nHost: localhost\r\n\r\n"))
        .doesNotContain("200 OK");
    assertThatThrownBy(
            () ->
                start(
                    new ApiListen("127.0.0.1", 0, key, key, null),
                    AccessToken.of(directory.resolve("api.token"))))
        .isInstanceOfSatisfying(
            VmException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID));
  }

  private String curl(TcpServer server, String name, Path certificate) throws Exception {
    Process curl =
        new ProcessBuilder(
                "curl",
                "-sS",
                "--cacert",
                certificate.toString(),
                "--resolve",
                name + ":" + server.port() + ":127.0.0.1",
                "-H",
                "Authorization: Bearer " + token,
                "https://" + name + ":" + server.port() + "/v1/info")
            .redirectErrorStream(true)
            .start();
    return new String(curl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "0.0.0.0:1",
        "10.0.0.1:1",
        "[::]:1",
        "vms.example.org:1",
        "127.0.0.1",
        "127.0.0.1:99999"
      })
  void whatCouldBeReachedFromElsewhereNeedsTls(String address) {
    assertThatThrownBy(() -> ApiListen.parse(address, null, null, null))
        .isInstanceOf(IllegalArgumentException.class);
  }

  @Test
  void aTokenThatOthersCanReadIsRefused() throws IOException {
    Path file = directory.resolve("api.token");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rw-r-----"));
    assertThatThrownBy(() -> AccessToken.of(file))
        .isInstanceOfSatisfying(
            VmException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.CONFIG_INVALID));
  }

  private String ours() {
    return "Origin: http://127.0.0.1:" + port + "\r\nVmctl-Page: 1";
  }

  private static String cookie(String answer) {
    Matcher cookie = Pattern.compile("(?i)set-cookie: (vmctl-\\d+=[^;]+)").matcher(answer);
    assertThat(cookie.find()).as(answer).isTrue();
    return "Cookie: " + cookie.group(1);
  }

  private String get(String path, String header) throws IOException {
    return raw(
        "GET "
            + path
            + " HTTP/1.1\r\nHost: 127.0.0.1:"
            + port
            + "\r\n"
            + header
            + "\r\nConnection: close\r\n\r\n");
  }

  private String post(String path, String header, String body) throws IOException {
    return raw(
        "POST "
            + path
            + " HTTP/1.1\r\nHost: 127.0.0.1:"
            + port
            + "\r\n"
            + header
            + "\r\nConnection: close\r\nContent-Length: "
            + body.length()
            + "\r\n\r\n"
            + body);
  }

  private String raw(String request) throws IOException {
    return raw(port, request);
  }

  private static String raw(int port, String request) throws IOException {
    try (Socket socket = new Socket("127.0.0.1", port)) {
      socket.getOutputStream().write(request.getBytes(StandardCharsets.US_ASCII));
      socket.setSoTimeout(10_000);
      InputStream in = socket.getInputStream();
      return new String(in.readAllBytes(), StandardCharsets.UTF_8);
    }
  }
}
