package dev.vmctl.daemon;

import dev.vmctl.api.http.Problem;
import dev.vmctl.host.HostFacts;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.unix.PeerCredentials;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.http.HttpConnection;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.RoutingContext;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.util.Set;
import org.jboss.logging.Logger;
import org.jspecify.annotations.Nullable;

/**
 * Stands before every request to the API: who asks, and how much is sent. What changes something is
 * logged with the user and process it comes from.
 */
@ApplicationScoped
class Gate {
  /** Before all routes, and before Quarkus' own limit, which has no words for what is wrong. */
  private static final int FIRST = 100_000;

  private static final long LARGEST_BODY = 16L << 20;
  private static final Set<HttpMethod> HARMLESS = Set.of(HttpMethod.GET, HttpMethod.HEAD);
  private static final Logger LOG = Logger.getLogger(Gate.class);

  private final DaemonSettings settings;
  private final int ourselves;

  Gate(DaemonSettings settings, HostFacts host) {
    this.settings = settings;
    this.ourselves = host.userId();
  }

  void guard(@Observes Filters filters) {
    filters.register(this::look, FIRST);
  }

  private void look(RoutingContext context) {
    HttpServerRequest request = context.request();
    try {
      String who = who(request);
      if (isTooLarge(request)) {
        Problems.sendLast(request, tooLarge());
        return;
      }
      if (!HARMLESS.contains(request.method())) {
        LOG.infof("%s %s by %s", request.method(), request.path(), who);
      }
      context.next();
    } catch (VmException refused) {
      Problems.send(request.response(), refused);
    }
  }

  /** Whom the kernel says is at the other end. */
  private String who(HttpServerRequest request) {
    PeerCredentials peer = peer(request.connection());
    if (peer == null) {
      return "a client on TCP";
    }
    // The mode of the socket says so already, unless somebody has changed it.
    boolean known = peer.uid() == ourselves || peer.uid() == 0 || settings.systemSocket() != null;
    if (!known) {
      LOG.warnf("user %d, process %d, was refused", peer.uid(), peer.pid());
      throw new VmException(
          ErrorCode.ACCESS_DENIED,
          "this daemon is that of user " + ourselves + ", and you are " + peer.uid(),
          "ask as that user; for all users of the host there is 'vmctl daemon --system'");
    }
    return "user " + peer.uid() + ", process " + peer.pid();
  }

  private static @Nullable PeerCredentials peer(HttpConnection connection) {
    Channel channel = connection instanceof ConnectionBase base ? base.channel() : null;
    if (!(channel instanceof EpollDomainSocketChannel unix)) {
      return null;
    }
    try {
      return unix.peerCredentials();
    } catch (IOException e) {
      throw new VmException(
          ErrorCode.ACCESS_DENIED, "the kernel does not say who asks: " + e.getMessage(), "", e);
    }
  }

  private static boolean isTooLarge(HttpServerRequest request) {
    String length = request.getHeader("Content-Length");
    try {
      return length != null && Long.parseLong(length) > LARGEST_BODY;
    } catch (NumberFormatException e) {
      return true;
    }
  }

  private static Problem tooLarge() {
    return Problem.of(
        new VmException(
            ErrorCode.USAGE,
            "the request's body is larger than " + (LARGEST_BODY >> 20) + " MiB",
            "send less: files are named, not sent"),
        413);
  }
}
