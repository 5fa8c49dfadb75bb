package dev.vmctl.daemon;

import dev.vmctl.api.http.Problem;
import dev.vmctl.host.HostFacts;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import io.netty.channel.Channel;
import io.netty.channel.epoll.EpollDomainSocketChannel;
import io.netty.channel.socket.nio.NioChannelOption;
import io.netty.channel.socket.nio.NioDomainSocketChannel;
import io.netty.channel.unix.PeerCredentials;
import io.quarkus.vertx.http.runtime.filters.Filters;
import io.vertx.core.buffer.Buffer;
import io.vertx.core.http.HttpMethod;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.core.net.impl.ConnectionBase;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.impl.RoutingContextInternal;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.util.Set;
import jdk.net.ExtendedSocketOptions;
import jdk.net.UnixDomainPrincipal;
import org.jboss.logging.Logger;

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
  private final HostFacts host;

  Gate(DaemonSettings settings, HostFacts host) {
    this.settings = settings;
    this.host = host;
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
      if (request.getHeader("Transfer-Encoding") == null) {
        context.next();
      } else {
        gather(context);
      }
    } catch (VmException refused) {
      Problems.send(request.response(), refused);
    }
  }

  /**
   * A body whose length is not said is let in when it is whole: Quarkus would cut it off mutely.
   */
  private static void gather(RoutingContext context) {
    HttpServerRequest request = context.request();
    Buffer body = Buffer.buffer();
    request.handler(
        part -> {
          if (body.length() + part.length() <= LARGEST_BODY) {
            body.appendBuffer(part);
          } else {
            request.handler(null).endHandler(null);
            Problems.sendLast(request, tooLarge());
          }
        });
    request.endHandler(
        whole -> {
          ((RoutingContextInternal) context).setBody(body);
          context.next();
        });
    request.resume();
  }

  /** Whom the kernel says is at the other end. */
  private String who(HttpServerRequest request) {
    Channel channel = request.connection() instanceof ConnectionBase base ? base.channel() : null;
    return switch (channel) {
      case EpollDomainSocketChannel unix -> {
        PeerCredentials peer = credentials(unix);
        boolean known = peer.uid() == host.userId() || peer.uid() == 0;
        yield admitted(known, "user " + peer.uid() + ", process " + peer.pid());
      }
      case NioDomainSocketChannel unix -> {
        UnixDomainPrincipal peer =
            unix.config().getOption(NioChannelOption.of(ExtendedSocketOptions.SO_PEERCRED));
        // Where the JDK does not tell, the mode of the socket is all there is, and enough.
        String name = peer == null ? host.userName() : peer.user().getName();
        yield admitted(name.equals(host.userName()) || name.equals("root"), "user " + name);
      }
      case null, default -> "a client on TCP";
    };
  }

  /** The mode of the socket says so already, unless somebody has changed it. */
  private String admitted(boolean known, String who) {
    if (!known && settings.systemSocket() == null) {
      LOG.warnf("%s, was refused", who);
      throw new VmException(
          ErrorCode.ACCESS_DENIED,
          "this daemon is that of user " + host.userId() + ", and you are " + who,
          "ask as that user; for all users of the host there is 'vmctl daemon --system'");
    }
    return who;
  }

  private static PeerCredentials credentials(EpollDomainSocketChannel unix) {
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
