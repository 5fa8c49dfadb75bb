package dev.vmctl.controller;

import dev.vmctl.controller.Operations.Operation;
import dev.vmctl.controller.Steps.Outcome;
import dev.vmctl.guest.GuestAccess;
import dev.vmctl.guest.HealthCheck;
import dev.vmctl.guest.ProvisionResult;
import dev.vmctl.guest.SshTarget;
import dev.vmctl.model.Capabilities.Capability;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.ProbeCheck;
import dev.vmctl.model.ProbeSpec;
import dev.vmctl.model.ShareFacts;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import dev.vmctl.store.Applied;
import dev.vmctl.store.VmRecord;
import dev.vmctl.store.VmStore;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** The steps that wait for a guest, and set it up. */
final class GuestSteps {
  private static final Duration READY_INTERVAL = Duration.ofSeconds(2);

  /** How long a guest that was not ready in time is looked at again. */
  private static final Duration LATE_LOOK = Duration.ofSeconds(5);

  private final EngineParts parts;
  private final EngineSettings settings;
  private final VmStore store;
  private final Observing observing;
  private final Reaching reaching;
  private final Operations operations;
  private final Intents intents;
  private final Watchers watchers;

  GuestSteps(
      EngineParts parts,
      EngineSettings settings,
      VmStore store,
      Observing observing,
      Reaching reaching,
      Operations operations,
      Intents intents,
      Watchers watchers) {
    this.parts = parts;
    this.settings = settings;
    this.store = store;
    this.observing = observing;
    this.reaching = reaching;
    this.operations = operations;
    this.intents = intents;
    this.watchers = watchers;
  }

  Outcome awaitReady(Look look) {
    VmRecord record = look.target();
    LaunchFacts facts = Objects.requireNonNull(Objects.requireNonNull(record.applied()).facts());
    ProbeSpec declared = record.desired().spec().policy().ready();
    if (!look.hypervisor().capabilities().has(Capability.GUEST)) {
      return readyAtOnce(record, facts);
    }
    GuestAccess guest;
    try {
      guest = reaching.access(record, look.hypervisor(), settings.readyTimeout());
    } catch (VmException e) {
      if (e.code() != ErrorCode.IP_DISCOVERY_TIMEOUT) {
        throw e;
      }
      return awaitAddress(look);
    }
    HealthCheck wanted = wanted(record, guest);
    if (wanted.checks().isEmpty()) {
      return readyAtOnce(record, facts);
    }
    operations.start(
        record.name(),
        new Operation(
            Operations.Kind.AWAIT_READY,
            readyPurpose(look.record()),
            "waiting for "
                + (declared == null ? "ssh" : told(wanted.checks()))
                + (facts.shares().isEmpty() ? "" : " and shared directories"),
            parts.guests().awaitReady(wanted, Reaching.shares(record))));
    return Outcome.UNDER_WAY;
  }

  private Outcome readyAtOnce(VmRecord record, LaunchFacts facts) {
    store.change(record.name(), now -> now.withReady(facts.incarnation()));
    return Outcome.DONE;
  }

  /** A guest that has to get an address first, as one on a bridge by DHCP. */
  private Outcome awaitAddress(Look look) {
    VmRecord record = look.target();
    CompletableFuture<InetSocketAddress> address =
        look.hypervisor().awaitSsh(observing.handle(record), readyTimeLeft(record));
    CompletableFuture<List<ShareFacts>> ready =
        address
            .exceptionallyCompose(e -> CompletableFuture.failedFuture(noLease(e)))
            .thenCompose(
                found -> {
                  GuestAccess guest =
                      reaching.access(
                          record, look.hypervisor(), settings.readyTimeout(), Optional.of(found));
                  return parts.guests().awaitReady(wanted(record, guest), Reaching.shares(record));
                });
    var _ = ready.whenComplete((shares, e) -> address.cancel(false));
    operations.start(
        record.name(),
        new Operation(
            Operations.Kind.AWAIT_READY,
            readyPurpose(look.record()),
            "waiting for the guest's address, then ssh",
            ready));
    return Outcome.UNDER_WAY;
  }

  private static Throwable noLease(Throwable e) {
    Throwable cause = e instanceof CompletionException && e.getCause() != null ? e.getCause() : e;
    return cause instanceof VmException known && known.code() == ErrorCode.IP_DISCOVERY_TIMEOUT
        ? new VmException(
            ErrorCode.GUEST_NO_LEASE, String.valueOf(known.getMessage()), known.help(), known)
        : cause;
  }

  private HealthCheck wanted(VmRecord record, GuestAccess guest) {
    ProbeSpec declared = record.desired().spec().policy().ready();
    Duration interval = declared == null ? null : declared.interval();
    return new HealthCheck(
        guest,
        checks(guest, declared),
        Objects.requireNonNullElse(interval, READY_INTERVAL),
        readyTimeLeft(record));
  }

  private static String told(List<ProbeCheck> checks) {
    return checks.stream().map(ProbeCheck::text).collect(Collectors.joining(", "));
  }

  private static List<ProbeCheck> checks(GuestAccess guest, @Nullable ProbeSpec declared) {
    if (declared != null) {
      return declared.checks();
    }
    return guest.ssh() == null ? List.of() : List.of(new ProbeCheck.Ssh());
  }

  /** How long after its start a guest may take. */
  static Duration readyTimeout(VmRecord record, EngineSettings settings) {
    ProbeSpec declared = record.desired().spec().policy().ready();
    Duration timeout = declared == null ? null : declared.timeout();
    return Objects.requireNonNullElse(timeout, settings.readyTimeout());
  }

  /** Once the time is over, the guest is still looked at, but not for long. */
  private Duration readyTimeLeft(VmRecord record) {
    Instant started = Objects.requireNonNull(record.applied()).startedAt();
    Instant now = parts.timeline().now();
    Duration left =
        Duration.between(now, Objects.requireNonNullElse(started, now))
            .plus(readyTimeout(record, settings));
    return left.compareTo(LATE_LOOK) > 0 ? left : LATE_LOOK;
  }

  /** What waiting is for: these checks on this run of the guest. */
  static String readyPurpose(VmRecord record) {
    Applied applied = record.applied();
    LaunchFacts facts = applied == null ? null : applied.facts();
    ProbeSpec declared = record.desired().spec().policy().ready();
    return (facts == null ? "" : facts.incarnation())
        + (declared == null ? "" : " " + declared.text());
  }

  Outcome provision(Look look) {
    VmRecord record = look.target();
    VmName name = record.name();
    SshTarget target =
        reaching
            .ssh(record, look.hypervisor(), settings.readyTimeout())
            .orElseThrow(() -> Preflight.noSsh(name));
    CompletableFuture<ProvisionResult> future =
        parts
            .guests()
            .provision(
                target,
                record.desired().spec().provision(),
                record.desired().spec().env(),
                (number, of, step) ->
                    operations
                        .of(name)
                        .ifPresent(
                            operation -> {
                              operation.activity(
                                  "provisioning " + number + "/" + of + " " + step.text());
                              watchers.changed(name);
                            }));
    operations.start(
        name,
        new Operation(Operations.Kind.PROVISION, provisionPurpose(record), "provisioning", future));
    return Outcome.UNDER_WAY;
  }

  /** What a provision operation is for: these steps on this disk. */
  String provisionPurpose(VmRecord record) {
    return record.desired().diskId() + " " + intents.stepsHash(record);
  }
}
