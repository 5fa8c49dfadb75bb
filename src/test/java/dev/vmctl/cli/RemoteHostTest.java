package dev.vmctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.Version;
import dev.vmctl.api.FakeVmctl;
import dev.vmctl.api.SampleViews;
import dev.vmctl.api.http.HttpApi;
import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import dev.vmctl.json.Json;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.http.ServerWebSocket;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Commands to a daemon on TCP: over TLS, with a token. */
@Timeout(60)
class RemoteHostTest {
  private static final String TOKEN = "right-token-0123456789";
  private static final FakeVmctl DAEMON = new FakeVmctl();
  private static final Vertx VERTX = Vertx.vertx();
  private static final List<String> ASKED = new CopyOnWriteArrayList<>();
  @TempDir private static Path keys = Path.of("unset");
  private static int port;
  @TempDir private Path directory = Path.of("unset");
  private CliRun cli = new CliRun(directory);

  @BeforeAll
  static void serve() throws Exception {
    Process openssl =
        new ProcessBuilder(
                ("openssl req -x509 -newkey rsa:2048 -nodes -days 2 -subj /CN=vms -addext"
                        + " subjectAltName=DNS:localhost -keyout key.pem -out cert.pem")
                    .split(" "))
            .directory(keys.toFile())
            .redirectErrorStream(true)
            .start();
    String said = new String(openssl.getInputStream().readAllBytes(), StandardCharsets.UTF_8);
    assertThat(openssl.waitFor()).as(said).isZero();
    PemKeyCertOptions pem =
        new PemKeyCertOptions()
            .setCertPath(keys.resolve("cert.pem").toString())
            .setKeyPath(keys.resolve("key.pem").toString());
    HttpServer server =
        VERTX
            .createHttpServer(new HttpServerOptions().setSsl(true).setKeyCertOptions(pem))
            .requestHandler(RemoteHostTest::answer)
            .webSocketHandler(RemoteHostTest::console)
            .listen(0, "127.0.0.1")
            .toCompletionStage()
            .toCompletableFuture()
            .get(20, TimeUnit.SECONDS);
    port = server.actualPort();
  }

  private static void answer(HttpServerRequest request) {
    ASKED.add(request.method() + " " + request.uri());
    request.response().putHeader(HttpApi.VERSION_HEADER, Version.CURRENT);
    request.response().putHeader(HttpApi.NEXT_OFFSET_HEADER, "77");
    if (!("Bearer " + TOKEN).equals(request.getHeader("Authorization"))) {
      request
          .response()
          .setStatusCode(401)
          .end(
              """
              {"type":"about:blank","title":"Unauthorized","status":401,"code":"access.denied",\
              "detail":"the token is not that of this daemon","help":"read it from its token file"}
              """);
      return;
    }
    Object said =
        Map.of(
                "/v1/info", DAEMON.info(),
                "/v1/vms", DAEMON.list(),
                "/v1/vms/web", SampleViews.STATUS,
                "/v1/vms/web/console", DAEMON.console(SampleViews.WEB))
            .get(request.path());
    try {
      request
          .response()
          .setStatusCode(said == null ? 202 : 200)
          .end(
              said == null
                  ? Buffer.buffer()
                  : Buffer.buffer(Json.mapper().writeValueAsBytes(said)));
    } catch (IOException e) {
      throw new IllegalStateException(e);
    }
  }

  private static void console(ServerWebSocket socket) {
    ASKED.add(socket.uri());
    assertThat(socket.headers().get("Authorization")).isEqualTo("Bearer " + TOKEN);
    socket.binaryMessageHandler(typed -> ASKED.add("typed " + typed));
  }

  @AfterAll
  static void end() throws Exception {
    VERTX.close().toCompletionStage().toCompletableFuture().get(20, TimeUnit.SECONDS);
  }

  @BeforeEach
  void connect() throws IOException {
    ASKED.clear();
    cli = new CliRun(directory);
    cli.environment.put("VMCTL_HOST", "https://localhost:" + port);
    cli.environment.put("VMCTL_CA_FILE", keys.resolve("cert.pem").toString());
    cli.environment.put("VMCTL_TOKEN_FILE", token(TOKEN, "rw-------").toString());
  }

  private Path token(String text, String mode) throws IOException {
    Path file = Files.writeString(directory.resolve("token"), text + "\n");
    return Files.setPosixFilePermissions(file, PosixFilePermissions.fromString(mode));
  }

  @Test
  void itsVmsAreListedShownAndCommanded() {
    assertThat(cli.run("list").out()).contains("web", "noop");
    assertThat(cli.run("status", "web").out()).contains(SampleViews.STATUS.uuid());
    assertThat(cli.run("start", "-d", "web").code()).isZero();
    assertThat(ASKED).contains("POST /v1/vms/web/start");
    assertThat(cli.vmctl.calls).isEmpty();
  }

  @Test
  void anOptionNamesItToo() {
    String host = String.valueOf(cli.environment.remove("VMCTL_HOST"));
    assertThat(cli.run("--host", host, "list", "-o", "name").out()).isEqualTo("web\n");
    assertThat(cli.run("list", "-o", "name", "--host", host).out()).isEqualTo("web\n");
    assertThat(cli.run("list", "--host", host, "--data-dir", "/x").err())
        .startsWith("error[usage]: --host names a daemon already");
  }

  @Test
  void itsConsolesAreCarriedByTheDaemon() {
    cli.input = "hello";
    assertThat(cli.run("console", "web").err()).contains("connected to web");
    Awaitility.await().until(() -> ASKED.contains("typed hello"));
    assertThat(ASKED).contains("/v1/vms/web/console/ws?offset=77");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "up",
        "up --file none.kdl",
        "plan --file none.kdl",
        "create --name web --image none.qcow2",
        "ssh web",
        "ssh-config",
        "cp a web:b",
        "port-forward web 1:2",
        "vnc web",
        "export web",
        "import x.zip"
      })
  void whatOnlyItsHostHasIsSaidToBeThere(String command) {
    cli.vmFile("web");
    CliRun.Result result = cli.run(command.split(" "));
    assertThat(result.code()).isIn(ExitCode.USAGE, ExitCode.SSH_FAILED);
    assertThat(result.err())
        .startsWith("error[usage]: 'vmctl " + command.split(" ")[0] + "' needs files")
        .contains("run it there: ssh localhost vmctl ");
    assertThat(ASKED).isEmpty();
  }

  @Test
  @Fault(area = Area.API, value = "a remote daemon that cannot be asked")
  void whyItCannotBeAskedIsSaidBeforeTheTokenIsSent(Seen seen) throws IOException {
    seen.calling(port, "<port>").calling(directory, "<dir>");
    cli.environment.put("VMCTL_HOST", "https://127.0.0.1:" + port);
    seen.says("its certificate has another name", list());
    cli.environment.put("VMCTL_HOST", "https://localhost:" + port);
    cli.environment.remove("VMCTL_CA_FILE");
    seen.says("nobody we trust vouches for it", list());
    cli.environment.put("VMCTL_CA_FILE", directory.resolve("token").toString());
    seen.says("the authorities are no certificates", list());
    cli.environment.put("VMCTL_HOST", "http://192.0.2.1:9465");
    seen.says("the token would go in the clear", list());
    cli.environment.put("VMCTL_HOST", "localhost:9465");
    seen.says("the address is none", list());
    cli.environment.remove("VMCTL_TOKEN_FILE");
    cli.environment.put("VMCTL_HOST", "https://localhost:" + port);
    seen.says("there is no token", list());
    cli.environment.put("VMCTL_TOKEN_FILE", token(TOKEN, "rw-r--r--").toString());
    seen.says("others can read the token", list());
    assertThat(ASKED).isEmpty();
  }

  @Test
  @Fault(area = Area.API, value = "a remote daemon that does not let us in, or is not there")
  void aWrongTokenAndAClosedPortAreSaid(Seen seen) throws IOException {
    cli.environment.put("VMCTL_TOKEN_FILE", token("wrong-token-01234567", "rw-------").toString());
    seen.says("the token is wrong", list());
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      cli.environment.put("VMCTL_HOST", "https://localhost:" + taken.getLocalPort());
      seen.calling("localhost:" + taken.getLocalPort(), "localhost:<port>");
      taken.close();
      seen.says("nobody listens", list());
    }
  }

  private String list() {
    CliRun.Result result = cli.run("list");
    return result.err().strip() + "\nexit code " + result.code();
  }
}
