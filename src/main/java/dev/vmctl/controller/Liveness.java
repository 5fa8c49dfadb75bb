package dev.vmctl.controller;

import dev.vmctl.guest.GuestAccess;
import dev.vmctl.guest.GuestShares;
import dev.vmctl.guest.HealthCheck;
import dev.vmctl.guest.SshTarget;
import dev.vmctl.host.Log;
import dev.vmctl.hypervisor.Observation;
import dev.vmctl.model.Capabilities.Capability;
import dev.vmctl.model.ProbeSpec;
import dev.vmctl.model.ShareFacts;
import dev.vmctl.model.ShareSpec;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import dev.vmctl.store.Applied;
import dev.vmctl.store.VmRecord;
import dev.vmctl.workqueue.Timeline;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * Looks again and again whether guests that have been ready still are well, as their {@code
 * liveness} says, and asks their agents what there is to say. What it finds only puts the VM's name
 * into the queue: the reconcile decides what follows.
 */
final class Liveness {
  private static final System.Logger log = Log.of(Liveness.class);

  private static final Duration INTERVAL = Duration.ofSeconds(10);
  private static final Duration TIMEOUT = Duration.ofSeconds(5);
  private static final int FAILURES = 3;

  /** What an agent says changes seldom. */
  private static final Duration FACTS_KEEP = Duration.ofSeconds(30);

  private final EngineParts parts;
  private final Reaching reaching;
  private final VmRuntimes runtimes;
  private final Events events;
  private final Consumer<VmName> wake;
  private final Map<VmName, Watch> watches = new ConcurrentHashMap<>();

  Liveness(
      EngineParts parts,
      Reaching reaching,
      VmRuntimes runtimes,
      Events events,
      Consumer<VmName> wake) {
    this.parts = parts;
    this.reaching = reaching;
    this.runtimes = runtimes;
    this.events = events;
    this.wake = wake;
  }

  /**
   * The VM was looked at, and is as it should be or on its way there: begins, goes on or ends as it
   * needs. Called by the VM's own reconcile only.
   */
  void attend(Look look) {
    VmRecord record = look.record();
    VmName name = record.name();
    ProbeSpec probe = record.desired().spec().policy().liveness();
    boolean ready = isReady(look);
    String purpose = ready && probe != null ? purpose(record, probe) : "";
    Watch known = watches.get(name);
    if (known != null && !known.purpose.equals(purpose)) {
      known.end();
      watches.remove(name);
      known = null;
    }
    if (known == null && probe != null && !purpose.isEmpty()) {
      begin(look, purpose, probe);
    }
    if (ready) {
      askAgent(look);
      keepServing(look);
    }
  }

  /** Why the guest that runs counts as hung; empty when it does not. */
  Optional<String> hung(VmRecord record) {
    return Optional.ofNullable(watches.get(record.name())).map(watch -> watch.hung);
  }

  /** It counts as well again, until as many looks have failed once more. */
  void forgive(VmName name) {
    Watch watch = watches.remove(name);
    if (watch != null) {
      watch.end();
    }
  }

  void close() {
    watches.values().forEach(Watch::end);
    watches.clear();
  }

  private static boolean isReady(Look look) {
    Applied applied = look.record().applied();
    return look.seen() instanceof Observation.Running
        && applied != null
        && applied.isReady()
        && look.hypervisor().capabilities().has(Capability.GUEST);
  }

  private static String purpose(VmRecord record, ProbeSpec probe) {
    Applied applied = Objects.requireNonNull(record.applied());
    return applied.ready() + " " + probe.text();
  }

  private void begin(Look look, String purpose, ProbeSpec probe) {
    VmName name = look.record().name();
    GuestAccess guest;
    try {
      guest = reaching.access(look.record(), look.hypervisor(), TIMEOUT);
    } catch (VmException e) {
      // Its address is not known yet, or no more: the next reconcile tries again.
      log.log(System.Logger.Level.DEBUG, "{0} cannot be asked: {1}", name, e.getMessage());
      return;
    }
    Watch fresh = new Watch(name, purpose, probe, guest);
    watches.put(name, fresh);
    fresh.waitForNext();
  }

  private void askAgent(Look look) {
    VmRecord record = look.record();
    VmRuntime runtime = runtimes.of(record.name());
    Optional<Path> agent = look.hypervisor().agent(reaching.handle(record));
    Instant now = parts.timeline().steady();
    if (agent.isEmpty() || now.isBefore(runtime.factsAskedAt.plus(FACTS_KEEP))) {
      return;
    }
    runtime.factsAskedAt = now;
    String run = Objects.requireNonNull(Objects.requireNonNull(record.applied()).ready());
    var _ =
        parts
            .guests()
            .facts(agent.get())
            .whenComplete(
                (facts, failure) -> {
                  VmRuntime.Facts told = facts == null ? null : new VmRuntime.Facts(run, facts);
                  boolean changed = !Objects.equals(told, runtime.facts);
                  runtime.facts = told;
                  if (changed) {
                    wake.accept(record.name());
                  }
                });
  }

  /** What serves a directory to a guest may end, as any process; then it is started again. */
  private void keepServing(Look look) {
    VmRecord record = look.record();
    GuestShares shares = Reaching.shares(record);
    VmRuntime runtime = runtimes.of(record.name());
    Instant now = parts.timeline().steady();
    boolean served = shares.facts().stream().noneMatch(share -> share.via() == ShareSpec.Via.SFTP);
    if (served || now.isBefore(runtime.servedAt.plus(INTERVAL))) {
      return;
    }
    Optional<SshTarget> target = reaching.ssh(record, look.hypervisor(), TIMEOUT);
    if (target.isEmpty()) {
      return;
    }
    runtime.servedAt = now;
    try {
      for (ShareFacts share : parts.guests().keepServing(target.get(), shares)) {
        events.warning(
            record.name(),
            "ShareRestarted",
            "what served " + share.host() + " had ended; it was started again");
      }
    } catch (VmException e) {
      events.warning(record.name(), "ShareFailed", e.getMessage() + "; " + e.help());
    }
  }

  /** The looks at one run of one guest. */
  private final class Watch {
    private final VmName name;
    private final String purpose;
    private final HealthCheck check;
    private final int most;
    private int failures;
    private volatile @Nullable String hung;
    private Timeline.@Nullable Cancellation next;
    private @Nullable CompletableFuture<Optional<String>> look;
    private boolean ended;

    Watch(VmName name, String purpose, ProbeSpec probe, GuestAccess guest) {
      this.name = name;
      this.purpose = purpose;
      Duration interval = Objects.requireNonNullElse(probe.interval(), INTERVAL);
      Duration timeout = Objects.requireNonNullElse(probe.timeout(), TIMEOUT);
      check = new HealthCheck(guest, probe.checks(), interval, timeout);
      most = Objects.requireNonNullElse(probe.failures(), FAILURES);
    }

    synchronized void waitForNext() {
      if (!ended) {
        next = parts.timeline().schedule(check.interval(), this::begin);
      }
    }

    private synchronized void begin() {
      if (!ended) {
        look = parts.guests().look(check);
        var _ = look.whenComplete(this::take);
      }
    }

    @SuppressWarnings("NullableOptional") // one of the two is null
    private void take(@Nullable Optional<String> wrong, @Nullable Throwable failure) {
      if (wrong == null) {
        if (!(failure instanceof VmException)) {
          log.log(System.Logger.Level.DEBUG, "a look at " + name + " was given up", failure);
        }
        waitForNext();
        return;
      }
      failures = wrong.isEmpty() ? 0 : failures + 1;
      if (wrong.isPresent() && failures >= most) {
        hung = "its liveness failed " + times(failures) + ", last: " + wrong.get();
        wake.accept(name);
      } else {
        waitForNext();
      }
    }

    private static String times(int count) {
      return count == 1 ? "once" : count + " times in a row";
    }

    synchronized void end() {
      ended = true;
      if (next != null) {
        next.cancel();
      }
      if (look != null) {
        look.cancel(true);
      }
    }
  }
}
