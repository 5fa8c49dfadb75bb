package dev.vmctl.controller;

import dev.vmctl.controller.Operations.Operation;
import dev.vmctl.disk.Disks;
import dev.vmctl.disk.RawDiskRequest;
import dev.vmctl.guest.GuestAccess;
import dev.vmctl.guest.Guests;
import dev.vmctl.guest.HealthCheck;
import dev.vmctl.guest.ProvisionResult;
import dev.vmctl.guest.SshTarget;
import dev.vmctl.hypervisor.Hypervisor;
import dev.vmctl.hypervisor.Launch;
import dev.vmctl.hypervisor.Observation;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.image.CachedImage;
import dev.vmctl.image.ImageSource;
import dev.vmctl.model.Capabilities.Capability;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.ExitReason;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.ProbeCheck;
import dev.vmctl.model.ProbeSpec;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import dev.vmctl.plan.Action;
import dev.vmctl.plan.FieldChange;
import dev.vmctl.plan.Situation;
import dev.vmctl.store.Applied;
import dev.vmctl.store.Desired;
import dev.vmctl.store.Hold;
import dev.vmctl.store.Pending;
import dev.vmctl.store.Removal;
import dev.vmctl.store.VmRecord;
import dev.vmctl.store.VmStore;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.function.UnaryOperator;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Carries out actions: each either a short step with a deadline, or the start of an operation.
 * Every one may be repeated after a crash.
 */
final class Steps {
  /** Names under which begun actions are recorded. */
  static final String STOP = "stop";

  /** How long the way into a guest that was seen ready may take. */
  private static final Duration ADJUST_DEADLINE = Duration.ofSeconds(30);

  /** A stop of a guest that has hung: it is to come back. */
  static final String HEAL = "heal";

  private static final Duration READY_INTERVAL = Duration.ofSeconds(2);

  /** How long a guest that was not ready in time is looked at again. */
  private static final Duration LATE_LOOK = Duration.ofSeconds(5);

  /** What became of an action. */
  enum Outcome {
    /** It is done: look again. */
    DONE,
    /** An operation is under way: its end will wake the VM. */
    UNDER_WAY,
    /** The VM is no more. */
    GONE
  }

  private final EngineParts parts;
  private final EngineSettings settings;
  private final VmStore store;
  private final Observing observing;
  private final Reaching reaching;
  private final Operations operations;
  private final Preflight preflight;
  private final Adjusting adjusting;
  private final DataDisks dataDisks;
  private final Neighbourhood neighbourhood;
  private final Intents intents;
  private final Events events;
  private final VmRuntimes runtimes;
  private final Watchers watchers;

  Steps(
      EngineParts parts,
      EngineSettings settings,
      VmStore store,
      Observing observing,
      Reaching reaching,
      Operations operations,
      Intents intents,
      Events events,
      VmRuntimes runtimes,
      Watchers watchers) {
    this.parts = parts;
    this.settings = settings;
    this.store = store;
    this.observing = observing;
    this.reaching = reaching;
    this.operations = operations;
    this.dataDisks = new DataDisks(parts, events);
    this.neighbourhood = new Neighbourhood(store);
    this.preflight = new Preflight(parts, dataDisks);
    this.adjusting = new Adjusting(parts, dataDisks, events);
    this.intents = intents;
    this.events = events;
    this.runtimes = runtimes;
    this.watchers = watchers;
  }

  /**
   * Does it.
   *
   * @throws VmException when it failed; what was there before is still there
   */
  Outcome carryOut(Look look, Action action) {
    return switch (action) {
      case Action.Create create -> create(look);
      case Action.Prepare prepare -> prepare(look);
      case Action.Accept accept -> accept(look);
      case Action.Adjust adjust -> adjust(look);
      case Action.Start start -> start(look);
      case Action.Stop stop -> stop(look, stop);
      case Action.Reap reap -> reap(look);
      case Action.Suspend suspend -> suspend(look);
      case Action.Resume resume -> resume(look);
      case Action.TrashDisk trash -> trashDisk(look, trash);
      case Action.AwaitReady ready -> awaitReady(look);
      case Action.Provision provision -> provision(look);
      case Action.Destroy destroy -> destroy(look);
    };
  }

  private Outcome create(Look look) {
    VmRecord record = look.target();
    Desired desired = record.desired();
    parts.hypervisors().checkSupported(desired.spec());
    Hypervisor hypervisor = parts.hypervisors().of(desired.spec());
    hypervisor.checkAvailable();
    if (!hypervisor.capabilities().has(Capability.DISK)) {
      change(
          record,
          now -> now.withApplied(Applied.created(desired, null)).withPhase(VmRecord.Phase.LIVE));
      return Outcome.DONE;
    }
    Optional<ImageSource> source = ImageSource.of(desired.spec());
    Optional<CachedImage> cached = source.flatMap(parts.images()::lookup);
    if (cached.isEmpty()) {
      return fetch(record, source.orElseThrow(() -> Preflight.noImage(record.name())));
    }
    Optional<ImageSource> further = dataDisks.missingImage(desired.spec());
    if (further.isPresent()) {
      return fetch(record, further.get());
    }
    CachedImage image = cached.get();
    Path directory = parts.data().vm(record.name());
    preflight.checkInputs(desired.spec());
    if (hypervisor.capabilities().has(Capability.RAW_DISK)) {
      RawDiskRequest request =
          new RawDiskRequest(
              record.name(),
              record.uuid(),
              desired.diskId(),
              directory,
              DataDisks.base(image),
              image.digest(),
              desired.spec().diskBytes());
      if (!parts.disks().hasRaw(request)) {
        return copy(request, source.get());
      }
    } else {
      parts
          .disks()
          .createOverlay(
              directory.resolve(Disks.OVERLAY), DataDisks.base(image), desired.spec().diskBytes());
    }
    dataDisks.make(record);
    writeSeed(record, desired.diskId());
    change(
        record,
        now ->
            now.withApplied(Applied.created(desired, image.digest()))
                .withPhase(VmRecord.Phase.LIVE)
                .withPending(null));
    events.normal(record.name(), "Created", "made its disk on " + source.get().text());
    return Outcome.DONE;
  }

  private Outcome fetch(VmRecord record, ImageSource source) {
    VmName name = record.name();
    String what = "image " + source.text();
    TransferText text = new TransferText(parts.timeline()::now, what);
    CompletableFuture<CachedImage> future =
        parts
            .images()
            .ensure(
                source,
                progress ->
                    operations
                        .of(name)
                        .ifPresent(
                            operation -> {
                              operation.activity(text.of(progress));
                              watchers.changed(name);
                            }));
    operations.start(
        name, new Operation(Operations.Kind.IMAGE, source.text(), "importing " + what, future));
    return Outcome.UNDER_WAY;
  }

  /** A raw disk is a copy, at least for the first VM of an image: that takes its time. */
  private Outcome copy(RawDiskRequest request, ImageSource source) {
    VmName name = request.vm();
    String what = "image " + source.text();
    CompletableFuture<Void> future =
        parts
            .disks()
            .createRaw(
                request,
                (done, total) ->
                    operations
                        .of(name)
                        .ifPresent(
                            operation -> {
                              String now = "copying " + percent(done, total) + what;
                              if (!now.equals(operation.activity())) {
                                operation.activity(now);
                                watchers.changed(name);
                              }
                            }));
    operations.start(
        name, new Operation(Operations.Kind.IMAGE, source.text(), "copying " + what, future));
    return Outcome.UNDER_WAY;
  }

  private static String percent(long done, long total) {
    return total <= 0 ? "" : Math.min(100, done * 100 / total) + " % of ";
  }

  private Outcome prepare(Look look) {
    VmRecord record = look.target();
    Desired desired = record.desired();
    Applied applied = Objects.requireNonNull(record.applied());
    Optional<ImageSource> missing;
    try {
      missing = preflight.check(record, look.plan());
    } catch (VmException refused) {
      return startAsBefore(look, refused);
    }
    if (missing.isPresent()) {
      return fetch(record, missing.get());
    }
    if (look.hypervisor().capabilities().has(Capability.DISK)) {
      Path directory = parts.data().vm(record.name());
      Long size = desired.spec().diskBytes();
      if (size != null) {
        parts.disks().grow(directory.resolve(Disks.OVERLAY), size);
      }
      dataDisks.retire(record);
      dataDisks.make(record);
      writeSeed(record, applied.diskId());
    }
    change(
        record,
        now ->
            now.mapApplied(
                had ->
                    had.asDesired(desired)
                        .withFacts(forgetting(had.facts(), look.plan().changes()))));
    return Outcome.DONE;
  }

  /**
   * An edit that cannot be carried out leaves the VM as it was made: also when it has ended
   * meanwhile, and would have to start. That the edit is refused is said once it runs.
   */
  private Outcome startAsBefore(Look look, VmException refused) {
    VmRecord record = look.target();
    Applied applied = Objects.requireNonNull(record.applied());
    boolean hasRun = applied.startedAt() != null;
    if (refused.code().isTransient()
        || !hasRun
        || Observing.power(record) != Situation.Power.RUNNING
        || !(look.seen() instanceof Observation.Absent)) {
      throw refused;
    }
    events.warning(
        record.name(),
        "EditRefused",
        "it is started as it was before the edit: " + refused.getMessage());
    return start(look);
  }

  private void writeSeed(VmRecord record, UUID instance) {
    writeSeed(record, record.desired().spec(), instance);
  }

  private void writeSeed(VmRecord record, VmSpec spec, UUID instance) {
    parts
        .guests()
        .writeSeed(parts.data().vm(record.name()), spec, instance, neighbourhood.of(record, spec));
  }

  /**
   * What was resolved, without the fields that are declared otherwise now: those are resolved anew.
   */
  private static @Nullable LaunchFacts forgetting(
      @Nullable LaunchFacts facts, List<FieldChange> changes) {
    if (facts == null) {
      return null;
    }
    List<Object> changed = new ArrayList<>();
    changes.forEach(change -> changed.add(change.field()));
    boolean accel = changed.contains(VmFields.ACCEL);
    return new LaunchFacts(
        changed.contains(VmFields.MACHINE) ? "" : facts.machine(),
        // The default model depends on the accelerator.
        changed.contains(VmFields.CPU) || accel ? "" : facts.cpu(),
        accel ? null : facts.accel(),
        accel ? "" : facts.accelReason(),
        changed.contains(VmFields.VCPUS) ? 0 : facts.vcpus(),
        changed.contains(VmFields.MEMORY) ? 0 : facts.memoryMb(),
        facts.sshPort(),
        facts.vnc(),
        facts.pid(),
        facts.processStart(),
        facts.bootId(),
        facts.shares(),
        facts.cards(),
        facts.room());
  }

  /** What the guest is told at its next boot is written now: no restart may come to do it. */
  private Outcome accept(Look look) {
    VmRecord record = look.target();
    Desired desired = record.desired();
    Applied applied = record.applied();
    if (applied != null && look.hypervisor().capabilities().has(Capability.DISK)) {
      preflight.checkInputs(desired.spec());
      writeSeed(record, applied.diskId());
    }
    change(record, now -> now.mapApplied(had -> had.asDesired(desired)));
    return Outcome.DONE;
  }

  /** The seed is written as well: what is changed now is as it is at the next boot. */
  private Outcome adjust(Look look) {
    VmRecord record = look.target();
    Applied applied = Objects.requireNonNull(record.applied());
    Optional<ImageSource> missing = preflight.check(record, look.plan());
    if (missing.isPresent()) {
      return fetch(record, missing.get());
    }
    writeSeed(record, applied.diskId());
    operations.start(
        record.name(),
        adjusting.begin(
            record,
            observing.handle(record),
            look.hypervisor(),
            look.plan().changes(),
            reaching.ssh(record, look.hypervisor(), ADJUST_DEADLINE)));
    return Outcome.UNDER_WAY;
  }

  /** Takes over how a live change has ended. */
  void adjusted(VmRecord record, Adjusting.Result result) {
    change(record, now -> adjusting.after(now, result));
  }

  private Outcome start(Look look) {
    VmRecord record = look.target();
    Applied applied = Objects.requireNonNull(record.applied());
    Hypervisor hypervisor = look.hypervisor();
    boolean hasDisk = hypervisor.capabilities().has(Capability.DISK);
    VmHandle handle = observing.handle(record);
    Path disk = parts.disks().attachment(handle.directory().resolve(Disks.OVERLAY));
    Path seed = handle.directory().resolve(Guests.SEED);
    if (hasDisk) {
      preflight.checkDisks(record);
      if (Neighbourhood.has(applied.spec())) {
        // Who else is there may have changed since.
        writeSeed(record, applied.spec(), applied.diskId());
      }
    }
    boolean afterCrash = Observing.endedUnasked(record);
    activity(record.name(), "starting");
    parts.guests().starting(handle.directory());
    // No intent is recorded: what a start cut short leaves behind, the hypervisor recalls by
    // itself.
    LaunchFacts facts =
        hypervisor.start(
            new Launch(
                handle,
                applied.spec(),
                record.mac(),
                applied.facts(),
                hasDisk ? disk : null,
                hasDisk ? dataDisks.attached(record) : List.of(),
                hasDisk ? seed : null));
    Instant at = parts.timeline().now();
    List<Instant> restarts = new ArrayList<>(observing.recentRestarts(record));
    if (afterCrash) {
      restarts.add(at);
    }
    change(
        record,
        now ->
            now.mapApplied(had -> had.started(facts, at))
                .withPending(null)
                .withLastExit(null)
                .withRestarts(restarts, now.restartCount() + (afterCrash ? 1 : 0)));
    events.normal(
        record.name(),
        afterCrash ? "Restarted" : "Started",
        afterCrash ? "brought back after it had ended unasked" : "started");
    return Outcome.DONE;
  }

  private Outcome stop(Look look, Action.Stop stop) {
    VmRecord record = look.target();
    if (operations.of(record.name()).isPresent()) {
      return Outcome.UNDER_WAY;
    }
    // What follows the stop must be possible, or the VM would be down for nothing.
    if (look.plan().actions().stream().anyMatch(Steps::needsPreflight)) {
      Optional<ImageSource> missing = preflight.check(record, look.plan());
      if (missing.isPresent()) {
        return fetch(record, missing.get());
      }
    }
    events.normal(record.name(), "Stopping", stop.reason());
    beginStop(look, STOP, stop.reason());
    return Outcome.UNDER_WAY;
  }

  /** Stops a guest that has hung: that it ended so is seen at the next look, and it comes back. */
  void heal(Look look, String reason) {
    events.warning(look.record().name(), ExitReason.HUNG.text(), reason + "; it is restarted");
    beginStop(look, HEAL, reason);
  }

  private void beginStop(Look look, String action, String reason) {
    VmRecord record = look.record();
    Applied applied = Objects.requireNonNull(record.applied());
    Instant began = parts.timeline().now();
    change(record, now -> now.withPending(new Pending(action, applied.generation(), began)));
    operations.start(
        record.name(),
        new Operation(
            Operations.Kind.STOP,
            grace(record).toString(),
            "stopping: " + reason,
            look.hypervisor().stop(observing.handle(record), grace(record))));
  }

  /** Whether a stop has been begun, for whatever reason. */
  static boolean isStopping(VmRecord record) {
    Pending pending = record.pending();
    return pending != null && (pending.action().equals(STOP) || pending.action().equals(HEAL));
  }

  static boolean needsPreflight(Action action) {
    return action instanceof Action.Create || action instanceof Action.Prepare;
  }

  Duration grace(VmRecord record) {
    return record.holds().stream()
        .filter(hold -> hold.kind() == Hold.Kind.STOPPED || hold.kind() == Hold.Kind.DRAINED)
        .map(Hold::grace)
        .findFirst()
        .orElse(settings.stopGrace());
  }

  private Outcome reap(Look look) {
    look.hypervisor().reap(observing.handle(look.target()));
    return Outcome.DONE;
  }

  private Outcome suspend(Look look) {
    Preflight.require(look.hypervisor(), Capability.SUSPEND);
    look.hypervisor().suspend(observing.handle(look.target()));
    events.normal(look.target().name(), "Suspended", "frozen on request");
    return Outcome.DONE;
  }

  private Outcome resume(Look look) {
    VmHandle handle = observing.handle(look.target());
    look.hypervisor().resume(handle);
    if (look.hypervisor().observe(handle) instanceof Observation.Suspended) {
      throw new VmException(
          ErrorCode.DISK_FULL,
          look.target().name() + " froze again at once: the host cannot read or write its disk",
          "see whether the file system of "
              + parts.data().root()
              + " is full; it is tried again by itself");
    }
    events.normal(look.target().name(), "Resumed", "running again");
    return Outcome.DONE;
  }

  private Outcome trashDisk(Look look, Action.TrashDisk trash) {
    VmRecord record = look.target();
    Optional<ImageSource> missing = preflight.check(record, look.plan());
    if (missing.isPresent()) {
      return fetch(record, missing.get());
    }
    Applied applied = Objects.requireNonNull(record.applied());
    if (look.hypervisor().capabilities().has(Capability.DISK)) {
      parts
          .disks()
          .trashDisk(record.name(), applied.diskId(), parts.data().vm(record.name()), "Replaced");
      events.normal(
          record.name(),
          "DiskTrashed",
          "its old disk is in the trash ('vmctl trash list'): " + trash.reason());
      dataDisks.retire(record);
    }
    UUID fresh = intents.newUuid();
    change(
        record,
        now ->
            now.withApplied(null)
                .withPhase(VmRecord.Phase.CLAIMED)
                .withPending(null)
                .withDesired(
                    now.desired().diskId().equals(applied.diskId())
                        ? now.desired().withDisk(fresh)
                        : now.desired()));
    look.hypervisor().release(observing.handle(record));
    return Outcome.DONE;
  }

  private Outcome awaitReady(Look look) {
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
      return awaitAddress(look, facts);
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
            parts.guests().awaitReady(wanted, facts.shares())));
    return Outcome.UNDER_WAY;
  }

  private Outcome readyAtOnce(VmRecord record, LaunchFacts facts) {
    change(record, now -> now.mapApplied(applied -> applied.withReady(facts.incarnation())));
    return Outcome.DONE;
  }

  /** A guest that has to get an address first, as one on a bridge by DHCP. */
  private Outcome awaitAddress(Look look, LaunchFacts facts) {
    VmRecord record = look.target();
    CompletableFuture<InetSocketAddress> address =
        look.hypervisor().awaitSsh(observing.handle(record), readyTimeLeft(record));
    CompletableFuture<Void> ready =
        address
            .exceptionallyCompose(e -> CompletableFuture.failedFuture(noLease(e)))
            .thenCompose(
                found -> {
                  GuestAccess guest =
                      reaching.access(
                          record, look.hypervisor(), settings.readyTimeout(), Optional.of(found));
                  return parts.guests().awaitReady(wanted(record, guest), facts.shares());
                });
    ready.whenComplete((nothing, e) -> address.cancel(false));
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

  /** Once the time is over, the guest is still looked at, but not for long. */
  private Duration readyTimeLeft(VmRecord record) {
    ProbeSpec declared = record.desired().spec().policy().ready();
    Duration timeout = declared == null ? null : declared.timeout();
    Instant started = Objects.requireNonNull(record.applied()).startedAt();
    Instant now = parts.timeline().now();
    Duration left =
        Duration.between(now, Objects.requireNonNullElse(started, now))
            .plus(Objects.requireNonNullElse(timeout, settings.readyTimeout()));
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

  private Outcome provision(Look look) {
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

  private Outcome destroy(Look look) {
    VmRecord record = look.target();
    VmName name = record.name();
    Removal removal = Objects.requireNonNull(record.removal());
    Path directory = parts.data().vm(name);
    Applied applied = record.applied();
    change(
        record, now -> removal.equals(now.removal()) ? now.withPhase(VmRecord.Phase.TRASHED) : now);
    // A disk that we did not make, or had no time to write down, is no less worth keeping.
    boolean hasDisk = applied != null || parts.disks().exists(directory.resolve(Disks.OVERLAY));
    UUID disk = applied == null ? record.desired().diskId() : applied.diskId();
    boolean keep =
        hasDisk && !removal.purge() && look.hypervisor().capabilities().has(Capability.DISK);
    boolean gone =
        store.takeAway(
            name,
            now -> removal.equals(now.removal()),
            () -> {
              if (keep) {
                parts.disks().trashVm(name, disk, directory, removal.reason());
              } else {
                parts.disks().purgeVm(directory);
              }
            });
    if (!gone) {
      // It was declared again, or is to be removed otherwise, since we looked.
      return Outcome.DONE;
    }
    look.hypervisor().release(observing.handle(record));
    runtimes.forget(name);
    parts.observer().forgotten(name);
    events.normal(
        name,
        removal.reason(),
        keep ? "removed; its disk is in the trash ('vmctl trash list')" : "removed for good");
    return Outcome.GONE;
  }

  private void activity(VmName name, String now) {
    runtimes.of(name).activity = now;
    watchers.changed(name);
  }

  private void change(VmRecord record, UnaryOperator<VmRecord> change) {
    store.update(record.name(), now -> now == null ? null : change.apply(now));
  }
}
