package dev.vmctl.guest;

import dev.vmctl.agent.AgentClient;
import dev.vmctl.host.CancellableWork;
import dev.vmctl.host.Log;
import dev.vmctl.model.ProbeCheck;
import dev.vmctl.model.VmException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Waits until a guest passes all of its checks, or nothing is left to wait for. */
final class ReadyWait {
  /** How often the console is looked at for the end of all hope. */
  private static final Duration GLANCE = Duration.ofSeconds(2);

  /** One look takes no longer, however long there is. */
  private static final Duration LONGEST_LOOK = Duration.ofSeconds(15);

  private static final Duration AGENT_PATIENCE = Duration.ofSeconds(2);

  private final HealthCheck wanted;
  private final CheckRun checks;
  private final ExecutorService threads;
  private final ConsoleLog console;
  private final Deadline deadline;

  ReadyWait(HealthCheck wanted, SshDialer dialer, ExecutorService threads) {
    this.wanted = wanted;
    this.checks = new CheckRun(wanted.guest(), dialer, threads);
    this.threads = threads;
    this.console = new ConsoleLog(wanted.guest().directory());
    this.deadline = Deadline.in(wanted.timeout());
  }

  /**
   * @throws VmException one of the {@code guest.} codes: why it is not ready
   */
  void await() throws InterruptedException {
    SshTarget ssh = wanted.guest().ssh();
    boolean banner = wanted.checks().stream().anyMatch(ProbeCheck.Ssh.class::isInstance);
    if (banner && ssh != null) {
      awaitBanner(ssh);
    }
    Optional<String> wrong = look();
    while (wrong.isPresent()) {
      giveUpOnPanic();
      if (deadline.isOver()) {
        throw notReady(wrong.get());
      }
      Thread.sleep(deadline.atMost(wanted.interval()));
      wrong = look();
    }
  }

  private Optional<String> look() throws InterruptedException {
    for (ProbeCheck check : wanted.checks()) {
      boolean awaited = check instanceof ProbeCheck.Ssh && wanted.guest().ssh() != null;
      if (!awaited) {
        Optional<String> wrong = checks.look(check, LONGEST_LOOK);
        if (wrong.isPresent()) {
          return wrong;
        }
      }
    }
    return Optional.empty();
  }

  private void awaitBanner(SshTarget ssh) throws InterruptedException {
    CompletableFuture<Void> banner =
        CancellableWork.start(
            threads,
            () -> {
              new BannerWait(ssh.within(deadline.left()), threads).await();
              return null;
            });
    try {
      while (true) {
        try {
          banner.get(GLANCE.toMillis(), TimeUnit.MILLISECONDS);
          return;
        } catch (TimeoutException e) {
          giveUpOnPanic();
        } catch (ExecutionException e) {
          if (e.getCause() instanceof VmException timeout) {
            throw notReady(String.valueOf(timeout.getMessage()));
          }
          throw new IllegalStateException("cannot wait for the banner", e);
        }
      }
    } finally {
      banner.cancel(true);
    }
  }

  private void giveUpOnPanic() {
    List<String> lines = console.lines();
    if (Diagnosis.panic(lines).isPresent()) {
      throw new Diagnosis(lines, null, "").of(wanted.guest(), wanted.timeout());
    }
  }

  private VmException notReady(String last) throws InterruptedException {
    GuestFacts facts = null;
    Path agent = wanted.guest().agent();
    if (agent != null) {
      try (AgentClient client = AgentClient.open(agent, AGENT_PATIENCE)) {
        facts = GuestFacts.of(client);
      } catch (VmException e) {
        // Most guests have none; then the console alone tells.
        Log.of(ReadyWait.class)
            .log(System.Logger.Level.DEBUG, "no word from the agent: {0}", e.getMessage());
      }
    }
    return new Diagnosis(console.lines(), facts, last).of(wanted.guest(), wanted.timeout());
  }
}
