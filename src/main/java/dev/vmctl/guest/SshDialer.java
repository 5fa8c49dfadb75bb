package dev.vmctl.guest;

import dev.vmctl.guest.PrivateKeys.Candidate;
import dev.vmctl.host.Log;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.io.InterruptedIOException;
import java.security.KeyPair;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutorService;
import java.util.stream.Collectors;
import org.apache.sshd.client.session.ClientSession;
import org.apache.sshd.common.AttributeRepository;
import org.apache.sshd.common.SshConstants;
import org.apache.sshd.common.SshException;
import org.jspecify.annotations.Nullable;

/** Opens connections: finds the guest, checks that it is the right one, logs in. */
final class SshDialer {
  private static final System.Logger LOG = Log.of(SshDialer.class);

  /**
   * How long a refused login is tried again: a guest's SSH server answers before its cloud-init has
   * made the user.
   */
  private static final Duration LOGIN_SETTLES = Duration.ofSeconds(60);

  private static final Duration MAX_ATTEMPT = Duration.ofSeconds(60);
  private static final Duration FIRST_PAUSE = Duration.ofMillis(100);
  private static final Duration MAX_PAUSE = Duration.ofSeconds(2);

  private final LazySshClient client;
  private final PrivateKeys keys;
  private final ExecutorService threads;

  SshDialer(LazySshClient client, PrivateKeys keys, ExecutorService threads) {
    this.client = client;
    this.keys = keys;
    this.threads = threads;
  }

  /** One try that did not lead to a session. */
  private sealed interface Failure {
    record NoLogin() implements Failure {}

    record NoConnection(IOException cause) implements Failure {}
  }

  /**
   * Connects and logs in, trying until the target's deadline what may yet come right.
   *
   * @throws VmException ssh.failed, ssh.auth_failed, ssh.host_key_changed, ssh.keygen_failed
   */
  SshConnection dial(SshTarget target) throws InterruptedException {
    List<Candidate> candidates = keys.candidates(target);
    if (candidates.stream().allMatch(candidate -> candidate.pair() == null)) {
      throw noKey(target, candidates);
    }
    Deadline deadline = Deadline.in(target.deadline());
    Deadline login = null;
    Failure last = null;
    Duration pause = FIRST_PAUSE;
    while (true) {
      Attempt attempt = new Attempt(target, candidates, deadline.atMost(MAX_ATTEMPT));
      Failure failure = attempt.run();
      if (failure == null) {
        return new SshConnection(SshLink.of(attempt.session(), target), threads);
      }
      if (failure instanceof Failure.NoLogin && login == null) {
        login = Deadline.in(deadline.atMost(LOGIN_SETTLES));
      }
      boolean over = failure instanceof Failure.NoLogin && login != null && login.isOver();
      // A try that was cut short by the deadline says nothing; the one before it does.
      last = last != null && deadline.isOver() ? last : failure;
      if (over || deadline.atMost(pause).compareTo(pause) < 0) {
        throw failed(target, candidates, last);
      }
      Thread.sleep(pause);
      pause = pause.multipliedBy(2).compareTo(MAX_PAUSE) < 0 ? pause.multipliedBy(2) : MAX_PAUSE;
    }
  }

  /** Loads, once per engine, what the first connection would otherwise wait for. */
  void warmUp(SshTarget target) {
    try {
      client.get();
      keys.candidates(target);
    } catch (IllegalStateException e) {
      // Closed in the meantime: nobody will connect.
      LOG.log(System.Logger.Level.DEBUG, "not warming up", e);
    }
  }

  private final class Attempt {
    private final SshTarget target;
    private final List<Candidate> candidates;
    private final Deadline deadline;
    private final HostKeyCheck hostKey;
    private @Nullable ClientSession session;

    Attempt(SshTarget target, List<Candidate> candidates, Duration limit) {
      this.target = target;
      this.candidates = candidates;
      this.deadline = Deadline.in(limit);
      this.hostKey = new HostKeyCheck(target);
    }

    ClientSession session() {
      return Objects.requireNonNull(session);
    }

    @Nullable Failure run() throws InterruptedException {
      AttributeRepository context =
          AttributeRepository.ofKeyValuePair(LazySshClient.HOST_KEY_CHECK, hostKey);
      boolean loggedIn = false;
      try {
        session =
            client
                .get()
                .connect(target.user(), target.host(), target.port(), context, null)
                .verify(left())
                .getSession();
        for (Candidate candidate : candidates) {
          KeyPair pair = candidate.pair();
          if (pair != null) {
            session.addPublicKeyIdentity(pair);
          }
        }
        session.auth().verify(left());
        loggedIn = true;
        return null;
      } catch (InterruptedIOException e) {
        throw interrupted(e);
      } catch (IOException e) {
        return failure(e);
      } finally {
        if (!loggedIn && session != null) {
          session.close(true);
        }
      }
    }

    private Duration left() {
      Duration left = deadline.left();
      return left.isZero() ? Duration.ofMillis(1) : left;
    }

    private Failure failure(IOException e) {
      String fingerprint = hostKey.refused();
      if (fingerprint != null) {
        throw hostKeyChanged(target, fingerprint, e);
      }
      boolean noLogin =
          e instanceof SshException ssh
              && ssh.getDisconnectCode()
                  == SshConstants.SSH2_DISCONNECT_NO_MORE_AUTH_METHODS_AVAILABLE;
      return noLogin ? new Failure.NoLogin() : new Failure.NoConnection(e);
    }
  }

  private static InterruptedException interrupted(InterruptedIOException e) {
    InterruptedException interrupted = new InterruptedException("while connecting");
    interrupted.initCause(e);
    return interrupted;
  }

  private static VmException failed(SshTarget target, List<Candidate> candidates, Failure failure) {
    return switch (failure) {
      case Failure.NoLogin noLogin ->
          new VmException(
              ErrorCode.SSH_AUTH_FAILED,
              "the guest does not let user '"
                  + target.user()
                  + "' in with any of these keys: "
                  + list(candidates),
              "check the user (ssh { user \"...\" }) and that the guest has one of the keys; "
                  + "a guest takes its keys at the first boot of its disk: vmctl log "
                  + target.name()
                  + " --console shows what cloud-init did");
      case Failure.NoConnection connection ->
          new VmException(
              ErrorCode.SSH_FAILED,
              "cannot connect to the guest's SSH server at "
                  + target.address()
                  + ": "
                  + reason(connection.cause()),
              "see whether the guest still runs and what it says: vmctl log "
                  + target.name()
                  + " --console",
              connection.cause());
    };
  }

  private static VmException noKey(SshTarget target, List<Candidate> candidates) {
    return new VmException(
        ErrorCode.SSH_KEY_INVALID,
        "there is no private key to log in to " + target.name() + " with: " + list(candidates),
        "name one without a passphrase: ssh { private-key \"~/.ssh/id_ed25519\" }");
  }

  private static VmException hostKeyChanged(
      SshTarget target, String fingerprint, IOException cause) {
    return new VmException(
        ErrorCode.SSH_HOST_KEY_CHANGED,
        "the server at "
            + target.address()
            + " is not the guest it should be: its host key "
            + fingerprint
            + " is not the one pinned for "
            + target.name(),
        "if the guest's host key was replaced on purpose (or its image has no cloud-init to take ours), put the"
            + " new one into "
            + target.vmDirectory().resolve(Guests.KNOWN_HOSTS)
            + " under the name "
            + target.hostKeyAlias()
            + "; otherwise something else answers in its place",
        cause);
  }

  private static String list(List<Candidate> candidates) {
    if (candidates.isEmpty()) {
      return "none was generated, none is declared, and ~/.ssh has none";
    }
    return candidates.stream()
        .map(
            candidate ->
                candidate.problem() == null
                    ? candidate.file().toString()
                    : candidate.file() + " " + candidate.problem())
        .collect(Collectors.joining(", "));
  }

  private static String reason(IOException e) {
    return e.getMessage() == null ? e.getClass().getSimpleName() : e.getMessage();
  }
}
