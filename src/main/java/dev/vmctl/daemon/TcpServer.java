package dev.vmctl.daemon;

import dev.vmctl.api.http.Problem;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import io.vertx.core.Handler;
import io.vertx.core.Vertx;
import io.vertx.core.http.Cookie;
import io.vertx.core.http.CookieSameSite;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServer;
import io.vertx.core.http.HttpServerOptions;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.PemKeyCertOptions;
import java.io.IOException;
import java.net.BindException;
import java.security.cert.CertificateException;
import java.time.Duration;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.concurrent.atomic.AtomicInteger;
import org.jspecify.annotations.Nullable;

/**
 * The API and the page on TCP. The page itself is anybody's; what it asks for needs the token, or a
 * session of a browser. A browser carries its session along whoever made it ask, so then it counts
 * only from our own page: by {@code Origin}, and for commands by a header that forms cannot send.
 */
final class TcpServer {
  /** A header our page sends with commands. */
  static final String OURS = "Vmctl-Page";

  static final String SESSION_PATH = "/session";

  /** Usual patience with who connects. */
  static final Duration FIRST_REQUEST = Duration.ofSeconds(10);

  /** Longer than the longest poll, and than the watch's heartbeats are apart. */
  private static final Duration IDLE = Duration.ofSeconds(90);

  private static final Duration STARTING = Duration.ofSeconds(10);
  private static final int MOST_CONNECTIONS = 4_000;
  private static final int LARGEST_CODE = 1_000;
  private static final String BEARER = "Bearer ";
  private static final Set<HttpMethod> HARMLESS = Set.of(HttpMethod.GET, HttpMethod.HEAD);

  private final ApiListen listen;
  private final Vertx vertx;
  private final @Nullable AccessToken token;
  private final Sessions sessions;
  private final Page page;
  private final Handler<HttpServerRequest> api;
  private final Duration patience;
  private final HostNames names;
  private final HttpServer server;
  private final AtomicInteger connections = new AtomicInteger();

  /** Connections whose first request has not come yet, and the timers that end them. */
  private final Map<HttpConnection, Long> silent = new ConcurrentHashMap<>();

  /**
   * @param token null when there is none: then only browsers are let in
   * @param api answers those who may ask
   */
  private TcpServer(
      ApiListen listen,
      Vertx vertx,
      @Nullable AccessToken token,
      Sessions sessions,
      Handler<HttpServerRequest> api,
      Duration patience)
      throws IOException, CertificateException {
    this.listen = listen;
    this.vertx = vertx;
    this.token = token;
    this.sessions = sessions;
    this.page = new Page();
    this.api = api;
    this.patience = patience;
    this.names = new HostNames(listen.certificate());
    HttpServerOptions options =
        new HttpServerOptions()
            .setHost(listen.host())
            .setPort(listen.port())
            .setUseAlpn(false)
            // Who may ask for HTTP/2 is looked at only when his first request is whole.
            .setHttp2ClearTextEnabled(false)
            .setIdleTimeout(Math.toIntExact(IDLE.toSeconds()))
            .setMaxHeaderSize(16 << 10)
            .setHandle100ContinueAutomatically(false)
            .setMaxWebSocketFrameSize(1 << 20)
            .setMaxWebSocketMessageSize(4 << 20);
    if (listen.hasTls()) {
      options
          .setSsl(true)
          .setEnabledSecureTransportProtocols(Set.of("TLSv1.3", "TLSv1.2"))
          .setKeyCertOptions(
              new PemKeyCertOptions()
                  .setCertPath(String.valueOf(listen.certificate()))
                  .setKeyPath(String.valueOf(listen.key())));
    }
    this.server =
        vertx
            .createHttpServer(options)
            .connectionHandler(this::connected)
            .requestHandler(this::answer);
  }

  /**
   * Serves from now on.
   *
   * @param patience from connecting to the end of the first request's headers
   * @throws VmException network.port_taken; config.invalid when the certificate is none
   */
  static TcpServer start(
      ApiListen listen,
      Vertx vertx,
      @Nullable AccessToken token,
      Sessions sessions,
      Handler<HttpServerRequest> api,
      Duration patience) {
    try {
      TcpServer made = new TcpServer(listen, vertx, token, sessions, api, patience);
      made.server
          .listen()
          .toCompletionStage()
          .toCompletableFuture()
          .get(STARTING.toMillis(), TimeUnit.MILLISECONDS);
      return made;
    } catch (ExecutionException | IOException | CertificateException | TimeoutException e) {
      Throwable cause = e instanceof ExecutionException ? Objects.requireNonNull(e.getCause()) : e;
      boolean bind = cause instanceof BindException;
      throw new VmException(
          bind ? ErrorCode.PORT_TAKEN : ErrorCode.CONFIG_INVALID,
          "the API cannot be served on " + listen + ": " + cause.getMessage(),
          bind ? "name another with --api" : "check the TLS certificate and key",
          e);
    } catch (InterruptedException e) {
      throw VmException.interrupted("its port", e);
    }
  }

  int port() {
    return server.actualPort();
  }

  /** Such as {@code https://10.0.0.1:9465}. */
  String url() {
    return scheme() + listen.address(port());
  }

  void close() {
    server.close();
  }

  /** Who sends headers byte by byte, or none at all, does not keep a connection for it. */
  private void connected(HttpConnection connection) {
    if (connections.incrementAndGet() > MOST_CONNECTIONS) {
      connection.close();
    }
    long timer = vertx.setTimer(patience.toMillis(), late -> connection.close());
    silent.put(connection, timer);
    connection.closeHandler(
        closed -> {
          connections.decrementAndGet();
          spoken(connection);
        });
  }

  private void spoken(HttpConnection connection) {
    Long timer = silent.remove(connection);
    if (timer != null) {
      vertx.cancelTimer(timer);
    }
  }

  private void answer(HttpServerRequest request) {
    spoken(request.connection());
    if (!names.has(request.getHeader("Host"))) {
      refuse(
          request,
          421,
          "this daemon is not " + request.getHeader("Host"),
          "use its numeric address, or a name of its certificate");
    } else if (HARMLESS.contains(request.method()) && page.has(request.path())) {
      page.send(request);
    } else if (request.path().equals(SESSION_PATH) && request.method() == HttpMethod.POST) {
      openSession(request);
    } else if (isAllowed(request)) {
      api.handle(request);
    }
  }

  private boolean isAllowed(HttpServerRequest request) {
    String authorization = request.getHeader("Authorization");
    if (authorization != null && authorization.startsWith(BEARER)) {
      if (token != null && token.is(authorization.substring(BEARER.length()).strip())) {
        return true;
      }
      refuse(request, 401, "the token is not that of this daemon", "read it from its token file");
      return false;
    }
    Cookie cookie = request.getCookie(cookieName());
    if (cookie == null || !sessions.isOpen(cookie.getValue())) {
      refuse(
          request,
          401,
          "nobody is logged in here",
          "get a link with 'vmctl dashboard', or send the daemon's token");
      return false;
    }
    if (!isOurPage(request)) {
      refuse(request, 403, "another page has asked for this", "open the daemon's own page");
      return false;
    }
    return true;
  }

  /** Whether a browser says that our own page has asked. */
  private boolean isOurPage(HttpServerRequest request) {
    String origin = request.getHeader("Origin");
    boolean ours = (scheme() + request.getHeader("Host")).equals(origin);
    if (!HARMLESS.contains(request.method())) {
      return ours && request.getHeader(OURS) != null;
    }
    if (request.getHeader("Upgrade") != null) {
      return ours; // The same-origin policy does not hold for WebSockets.
    }
    String site = request.getHeader("Sec-Fetch-Site");
    return (origin == null || ours)
        && (site == null || site.equals("same-origin") || site.equals("none"));
  }

  private void openSession(HttpServerRequest request) {
    if (!isOurPage(request)) {
      refuse(request, 403, "another page has asked for this", "open the daemon's own page");
      return;
    }
    String length = request.getHeader("Content-Length");
    if (length == null || length.length() > 3 || Integer.parseInt(length) > LARGEST_CODE) {
      refuse(request, 413, "that is no code", "get a link with 'vmctl dashboard'");
      return;
    }
    request.bodyHandler(
        body ->
            sessions
                .exchange(body.toString().strip())
                .ifPresentOrElse(
                    session -> {
                      request.response().addCookie(cookie(session));
                      request.response().setStatusCode(204).end();
                    },
                    () ->
                        refuse(
                            request,
                            401,
                            "the link was used before, or is too old",
                            "get a new one with 'vmctl dashboard'")));
  }

  private Cookie cookie(String session) {
    return Cookie.cookie(cookieName(), session)
        .setPath("/")
        .setHttpOnly(true)
        .setSecure(listen.hasTls())
        .setSameSite(CookieSameSite.STRICT)
        .setMaxAge(Sessions.SESSION_LIFE.toSeconds());
  }

  /** Cookies know no ports: daemons of one host would take each other's away. */
  private String cookieName() {
    return "vmctl-" + port();
  }

  private String scheme() {
    return listen.hasTls() ? "https://" : "http://";
  }

  private static void refuse(HttpServerRequest request, int status, String message, String help) {
    if (status == 401) {
      request.response().putHeader("WWW-Authenticate", "Bearer");
    }
    Problems.sendLast(
        request, Problem.of(new VmException(ErrorCode.ACCESS_DENIED, message, help), status));
  }
}
