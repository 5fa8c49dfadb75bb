package dev.vmctl.daemon;

import dev.vmctl.api.Vmctl;
import dev.vmctl.source.git.GitRepository;
import io.quarkus.vertx.http.ManagementInterface;
import io.vertx.core.http.HttpServerRequest;
import io.vertx.ext.web.RoutingContext;
import io.vertx.ext.web.handler.BodyHandler;
import jakarta.enterprise.context.ApplicationScoped;
import jakarta.enterprise.event.Observes;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.MessageDigest;
import java.util.Collections;
import java.util.HexFormat;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Stream;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import org.jboss.logging.Logger;

/**
 * {@code POST /hooks/git} beside the metrics: a forge says that something was pushed. Whoever signs
 * with a repository's secret wakes its follower, and can do no more: what a delivery says is not
 * looked at, so that one that is a year late costs one look at the branch. One that was taken is
 * not taken again while it is remembered: whoever has got hold of it cannot keep us busy with it.
 */
@ApplicationScoped
class GitHooks {
  private static final Logger LOG = Logger.getLogger(GitHooks.class);
  private static final String PATH = "/hooks/git";
  private static final long LARGEST_BODY = 2L << 20;
  private static final String PREFIX = "sha256=";

  /** So many deliveries are remembered. */
  private static final int REMEMBERED = 10_000;

  private final EngineLifecycle engine;
  private final Vmctl vmctl;
  private final Set<String> taken =
      Collections.newSetFromMap(
          new LinkedHashMap<>() {
            private static final long serialVersionUID = 1L;

            @Override
            protected boolean removeEldestEntry(Map.Entry<String, Boolean> eldest) {
              return size() > REMEMBERED;
            }
          });

  GitHooks(EngineLifecycle engine, Vmctl vmctl) {
    this.engine = engine;
    this.vmctl = vmctl;
  }

  void serve(@Observes ManagementInterface management) {
    management
        .router()
        .post(PATH)
        .handler(BodyHandler.create(false).setBodyLimit(LARGEST_BODY))
        .blockingHandler(this::deliver, false);
  }

  private void deliver(RoutingContext context) {
    int status = answer(context);
    context.response().setStatusCode(status).end();
  }

  private int answer(RoutingContext context) {
    List<GitRepository> hooked =
        engine.repositories().stream().filter(each -> each.webhookSecret() != null).toList();
    if (hooked.isEmpty()) {
      return 404;
    }
    byte[] body =
        context.body().buffer() == null ? new byte[0] : context.body().buffer().getBytes();
    byte[] signature = signature(context.request());
    List<GitRepository> meant =
        hooked.stream().filter(each -> isSigned(each, body, signature)).toList();
    if (meant.isEmpty()) {
      LOG.warnf(
          "a delivery to %s from %s is not signed by any repository's secret",
          PATH, context.request().remoteAddress());
      return 401;
    }
    if (isReplayed(signature)) {
      LOG.warnf(
          "a delivery to %s from %s was taken before", PATH, context.request().remoteAddress());
      return 409;
    }
    meant.forEach(each -> vmctl.syncSource(each.name()));
    return 202;
  }

  private boolean isReplayed(byte[] signature) {
    synchronized (taken) {
      return !taken.add(HexFormat.of().formatHex(signature));
    }
  }

  /** GitHub's form, which Gitea and Forgejo send too beside their own without the prefix. */
  private static byte[] signature(HttpServerRequest request) {
    String hex =
        Stream.of("X-Hub-Signature-256", "X-Gitea-Signature", "X-Forgejo-Signature")
            .map(request::getHeader)
            .filter(Objects::nonNull)
            .findFirst()
            .orElse("");
    try {
      return HexFormat.of().parseHex(hex.startsWith(PREFIX) ? hex.substring(PREFIX.length()) : hex);
    } catch (IllegalArgumentException e) {
      return new byte[0]; // As good as none.
    }
  }

  private static boolean isSigned(GitRepository repository, byte[] body, byte[] signature) {
    Path file = Objects.requireNonNull(repository.webhookSecret());
    try {
      byte[] secret = Files.readString(file).strip().getBytes(StandardCharsets.UTF_8);
      if (secret.length == 0) {
        LOG.errorf("the webhook's secret is empty: %s", file);
        return false;
      }
      Mac mac = Mac.getInstance("HmacSHA256");
      mac.init(new SecretKeySpec(secret, "HmacSHA256"));
      return MessageDigest.isEqual(mac.doFinal(body), signature);
    } catch (IOException e) {
      LOG.errorf("the webhook's secret cannot be read: %s", e);
      return false;
    } catch (GeneralSecurityException e) {
      throw new IllegalStateException("every JDK has HmacSHA256", e);
    }
  }
}
