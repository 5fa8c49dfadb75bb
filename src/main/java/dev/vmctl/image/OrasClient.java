package dev.vmctl.image;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.net.SocketTimeoutException;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.FutureTask;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.logging.Level;
import java.util.logging.Logger;
import java.util.stream.Stream;
import land.oras.ContainerRef;
import land.oras.auth.AuthProvider;
import land.oras.auth.AuthScheme;
import land.oras.auth.HttpClient;
import land.oras.auth.Scopes;
import land.oras.exception.OrasException;
import org.jspecify.annotations.Nullable;

/**
 * The client of the ORAS SDK, held to one request at a time, and to an end. Left alone it follows
 * redirects without limit, also from https to http, takes a login wherever an answer says, and
 * waits for ever.
 */
final class OrasClient {
  /** It logs what it throws as well. Kept here, as a logger that nobody holds forgets its level. */
  private static final Logger LOG = Logger.getLogger("land.oras");

  /** A request by the library. */
  @FunctionalInterface
  interface Request<T> {
    T by(Turn turn) throws IOException;
  }

  /** What the library wanted beyond one request: to be redirected, or another login. */
  static final class AnotherRequestException extends OrasException {
    private static final long serialVersionUID = 1L;

    AnotherRequestException() {
      super("it asks for another request");
    }
  }

  private final HttpClient client;
  private final DownloadLimits limits;

  OrasClient(DownloadLimits limits) {
    LOG.setLevel(Level.OFF);
    this.limits = limits;
    this.client =
        HttpClient.Builder.builder()
            .withTimeout(Math.toIntExact(Math.max(1, limits.connect().toSeconds())))
            .build();
  }

  /**
   * Sends one request, and waits for the answer as long as {@link DownloadLimits} says.
   *
   * @param authorization to send with it
   * @throws AnotherRequestException when one was not enough
   * @throws OrasException when the answer is not as the library wants it
   * @throws IOException when there is none
   */
  <T> T ask(OciReference reference, @Nullable String authorization, Request<T> request)
      throws IOException {
    Turn turn = new Turn(client, reference, authorization);
    FutureTask<T> answer = new FutureTask<>(() -> request.by(turn));
    Thread.ofVirtual().name("oci-request").start(answer);
    long patience = limits.connect().plus(limits.stalled()).toNanos();
    try {
      while (true) {
        try {
          return answer.get(patience - turn.silence(), TimeUnit.NANOSECONDS);
        } catch (TimeoutException e) {
          if (turn.silence() >= patience) {
            throw new SocketTimeoutException();
          }
        }
      }
    } catch (ExecutionException e) {
      throw failure(e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new VmException(
          ErrorCode.TIMEOUT, "interrupted while asking a registry", "try again", e);
    } finally {
      // It hears of that in every wait.
      answer.cancel(true);
    }
  }

  /** What is at the bottom of it: ours, the network's, or else the library's. */
  private static RuntimeException failure(ExecutionException e) throws IOException {
    List<Throwable> causes =
        Stream.iterate(e.getCause(), Objects::nonNull, Throwable::getCause).toList();
    for (Throwable cause : causes) {
      if (cause instanceof VmException || cause instanceof ImportCancelledException) {
        return (RuntimeException) cause;
      }
    }
    for (Throwable cause : causes) {
      if (cause instanceof IOException network) {
        throw network;
      }
    }
    return e.getCause() instanceof OrasException theirs
        ? theirs
        : new IllegalStateException(e.getCause());
  }

  /** One request, and what goes with it. */
  static final class Turn implements AuthProvider {
    private final HttpClient client;
    private final OciReference reference;
    private final @Nullable String authorization;
    private boolean taken;
    private volatile long lastSign = System.nanoTime();

    private Turn(HttpClient client, OciReference reference, @Nullable String authorization) {
      this.client = client;
      this.reference = reference;
      this.authorization = authorization;
    }

    HttpClient client() {
      return client;
    }

    /**
     * The library remembers tokens for the whole process, whoever's they are. Of the service "",
     * which no answer can name, it finds none.
     */
    Scopes scopes() {
      return Scopes.of("", reference.name());
    }

    /** The registry has just taken a piece of the body. */
    void alive() {
      lastSign = System.nanoTime();
    }

    private long silence() {
      return System.nanoTime() - lastSign;
    }

    /** The library asks for this before each request. */
    @Override
    public synchronized @Nullable String getAuthHeader(ContainerRef registry) {
      if (taken) {
        throw new AnotherRequestException();
      }
      taken = true;
      return authorization;
    }

    @Override
    public AuthScheme getAuthScheme() {
      return authorization == null ? AuthScheme.NONE : AuthScheme.BASIC;
    }
  }
}
