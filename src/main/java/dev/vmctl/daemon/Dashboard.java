package dev.vmctl.daemon;

import dev.vmctl.api.http.HttpApi;
import dev.vmctl.model.VmException;
import io.quarkus.vertx.http.runtime.VertxHttpRecorder;
import io.vertx.core.Vertx;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.json.JsonObject;
import io.vertx.ext.web.Router;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The API and the page on TCP, from the start if the settings say so, else the page, on loopback
 * and for browsers only, from when somebody asks for a link to it.
 */
@ApplicationScoped
class Dashboard {
  private static final String TOKEN = "api.token";

  private final DaemonSettings settings;
  private final Vertx vertx;
  private final Sessions sessions = new Sessions(System::nanoTime);
  private @Nullable TcpServer server;

  Dashboard(DaemonSettings settings, Vertx vertx) {
    this.settings = settings;
    this.vertx = vertx;
  }

  void serve(Router router) {
    router.post(HttpApi.DASHBOARD).blockingHandler(this::link);
  }

  /** Serves what the settings say; returns where, if anywhere. */
  synchronized Optional<String> start() {
    ApiListen listen = settings.api();
    if (listen != null && server == null) {
      Path own = settings.dataDirectory().resolve(TOKEN);
      Path file = listen.token() == null ? own : listen.token();
      server = start(listen, AccessToken.of(file));
    }
    return server == null ? Optional.empty() : Optional.of(server.url());
  }

  private TcpServer start(ApiListen listen, @Nullable AccessToken token) {
    return TcpServer.start(
        listen,
        vertx,
        token,
        sessions,
        VertxHttpRecorder.getRootHandler(),
        TcpServer.FIRST_REQUEST);
  }

  /** The fragment of a link is seen by the page alone: not by logs, nor by who looks ahead. */
  private void link(RoutingContext context) {
    try {
      String code = sessions.newCode();
      Buffer answer =
          new JsonObject().put("url", url(context.request()) + "/#code=" + code).toBuffer();
      context.response().putHeader("Content-Type", "application/json").end(answer);
    } catch (VmException refused) {
      Problems.send(context.response(), refused);
    }
  }

  private synchronized String url(HttpServerRequest request) {
    if (server == null) {
      server = start(ApiListen.PAGE_ONLY, null);
    }
    boolean isRemote = request.localAddress() != null && request.localAddress().isInetSocket();
    // As its client reaches it, which a listener on all addresses could not say.
    return isRemote ? request.scheme() + "://" + request.getHeader("Host") : server.url();
  }

  synchronized void close() {
    if (server != null) {
      server.close();
    }
  }
}
