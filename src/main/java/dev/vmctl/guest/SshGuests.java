package dev.vmctl.guest;

import dev.vmctl.agent.AgentClient;
import dev.vmctl.host.CancellableWork;
import dev.vmctl.host.HostFacts;
import dev.vmctl.host.HostProcesses;
import dev.vmctl.model.EnvVariable;
import dev.vmctl.model.Field;
import dev.vmctl.model.ProbeCheck;
import dev.vmctl.model.ProvisionStep;
import dev.vmctl.model.ShareFacts;
import dev.vmctl.model.ShareSpec;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmSpec;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;

/**
 * Guests reached over SSH. One SSH client serves all VMs and is started by the first that needs it.
 * Safe for use by many threads.
 */
public final class SshGuests implements Guests, AutoCloseable {
  private static final Duration HEARTBEAT = Duration.ofSeconds(10);

  /** A guest may have much to write out. */
  private static final Duration FREEZE_PATIENCE = Duration.ofSeconds(20);

  /** An agent answers at once, or does not run. */
  private static final Duration AGENT_PATIENCE = Duration.ofSeconds(2);

  private final ExecutorService threads;
  private final Clock clock;
  private final PrivateKeys keys;
  private final SftpShares sftp;
  private final LazySshClient client;
  private final SshDialer dialer;
  private final SeedWriter seeds;

  /**
   * @param threads runs blocking work, best on virtual threads; not closed by this
   * @param clock for the times in the provision log
   * @param facts of this host: the user's home directory, whose {@code .ssh} has the keys tried
   *     last, and the programs that serve directories
   */
  public SshGuests(ExecutorService threads, Clock clock, HostProcesses processes, HostFacts facts) {
    this(threads, clock, processes, facts, HEARTBEAT);
  }

  SshGuests(
      ExecutorService threads,
      Clock clock,
      HostProcesses processes,
      HostFacts facts,
      Duration heartbeat) {
    this.threads = threads;
    this.clock = clock;
    this.keys = new PrivateKeys(facts.home());
    this.sftp = new SftpShares(processes, facts);
    this.client = new LazySshClient(heartbeat);
    this.dialer = new SshDialer(client, keys, threads);
    this.seeds = new SeedWriter(new KeyFiles());
  }

  @Override
  public Path writeSeed(Path directory, VmSpec spec, UUID instanceId, SeedNetwork network) {
    return seeds.write(directory, spec, instanceId, network);
  }

  @Override
  public void starting(Path directory) {
    new ConsoleLog(directory).begin();
  }

  @Override
  public List<String> consoleTail(Path directory) {
    return new ConsoleLog(directory).tail();
  }

  @Override
  public CompletableFuture<Optional<String>> look(HealthCheck wanted) {
    CheckRun checks = new CheckRun(wanted.guest(), dialer, threads);
    return CancellableWork.start(
        threads,
        () -> {
          for (ProbeCheck check : wanted.checks()) {
            Optional<String> wrong = checks.look(check, wanted.timeout());
            if (wrong.isPresent()) {
              return wrong;
            }
          }
          return Optional.empty();
        });
  }

  @Override
  public CompletableFuture<GuestFacts> facts(Path agent) {
    return CancellableWork.start(
        threads,
        () -> {
          try (AgentClient client = AgentClient.open(agent, AGENT_PATIENCE)) {
            return GuestFacts.of(client);
          }
        });
  }

  @Override
  public CompletableFuture<Void> freeze(Path agent) {
    return told(agent, "guest-fsfreeze-freeze");
  }

  @Override
  public CompletableFuture<Void> thaw(Path agent) {
    return told(agent, "guest-fsfreeze-thaw");
  }

  private CompletableFuture<Void> told(Path agent, String command) {
    return CancellableWork.start(
            threads,
            () -> {
              try (AgentClient client = AgentClient.open(agent, FREEZE_PATIENCE)) {
                return client.execute(command).asInt();
              }
            })
        .thenAccept(number -> {});
  }

  @Override
  public CompletableFuture<Long> startProgram(Path agent, List<String> command, byte[] input) {
    return CancellableWork.start(threads, () -> AgentPrograms.start(agent, command, input));
  }

  @Override
  public CompletableFuture<Optional<ProgramEnd>> awaitProgram(Path agent, long id, Duration wait) {
    return CancellableWork.start(threads, () -> AgentPrograms.await(agent, id, wait));
  }

  @Override
  public CompletableFuture<List<ShareFacts>> awaitReady(HealthCheck wanted, GuestShares shares) {
    return CancellableWork.start(
        threads,
        () -> {
          SshTarget target = wanted.guest().ssh();
          if (target != null) {
            // While the guest boots there is time to load what the first connection needs.
            threads.execute(() -> dialer.warmUp(target));
          }
          new ReadyWait(wanted, dialer, threads).await();
          if (!shares.isEmpty() && target != null) {
            try (SshConnection connection = dialer.dial(target)) {
              return new ShareMounts(connection, target, sftp).mount(shares);
            }
          }
          return shares.facts();
        });
  }

  @Override
  public List<ShareFacts> keepServing(SshTarget target, GuestShares shares) {
    return shares.facts().stream()
        .filter(share -> share.via() == ShareSpec.Via.SFTP)
        .filter(share -> sftp.serve(target, share, Objects.requireNonNull(shares.machine())))
        .toList();
  }

  @Override
  public CompletableFuture<ProvisionResult> provision(
      SshTarget target,
      List<ProvisionStep> steps,
      List<EnvVariable> env,
      ProvisionListener listener) {
    ProvisionRun run = new ProvisionRun(dialer, target, steps, env, listener, clock);
    return CancellableWork.start(threads, run::run);
  }

  @Override
  public CompletableFuture<Map<Field<?>, String>> letGo(SshTarget target, GuestChange change) {
    return CancellableWork.start(
        threads, () -> new GuestAdaptation(dialer, target, change).letGo());
  }

  @Override
  public CompletableFuture<Map<Field<?>, String>> adapt(SshTarget target, GuestChange change) {
    return CancellableWork.start(
        threads, () -> new GuestAdaptation(dialer, target, change).adapt());
  }

  @Override
  public List<Path> privateKeys(SshTarget target) {
    return keys.files(target).stream().filter(Files::exists).toList();
  }

  /**
   * Connects and logs in, trying until the target's deadline what may yet come right.
   *
   * @throws VmException ssh.failed, ssh.auth_failed, ssh.host_key_changed, ssh.keygen_failed
   */
  public SshConnection connect(SshTarget target) throws InterruptedException {
    return dialer.dial(target);
  }

  /** Ends every connection. */
  @Override
  public void close() {
    client.close();
  }
}
