package dev.vmctl.controller;

import dev.vmctl.controller.Operations.Kind;
import dev.vmctl.controller.Operations.Operation;
import dev.vmctl.guest.ProvisionResult;
import dev.vmctl.host.Log;
import dev.vmctl.image.ImageSource;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.ShareFacts;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import dev.vmctl.plan.Action;
import dev.vmctl.plan.Situation;
import dev.vmctl.store.Applied;
import dev.vmctl.store.Failure;
import dev.vmctl.store.Hold;
import dev.vmctl.store.Provisioned;
import dev.vmctl.store.VmRecord;
import dev.vmctl.store.VmStore;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.function.UnaryOperator;

/** Whether an operation is still wanted, and what it has brought once it has ended. */
final class Results {
  private static final System.Logger log = Log.of(Results.class);

  private final EngineParts parts;
  private final VmStore store;
  private final Operations operations;
  private final Steps steps;
  private final PowerSteps power;
  private final GuestSteps guests;
  private final SnapshotSteps snapshots;
  private final MemoryOnDisk memory;
  private final Failures failures;
  private final Intents intents;
  private final Events events;

  Results(
      EngineParts parts,
      VmStore store,
      Operations operations,
      Steps steps,
      PowerSteps power,
      GuestSteps guests,
      SnapshotSteps snapshots,
      MemoryOnDisk memory,
      Failures failures,
      Intents intents,
      Events events) {
    this.parts = parts;
    this.store = store;
    this.operations = operations;
    this.steps = steps;
    this.power = power;
    this.guests = guests;
    this.snapshots = snapshots;
    this.memory = memory;
    this.failures = failures;
    this.intents = intents;
    this.events = events;
  }

  boolean isStillWanted(Operation operation, Look look) {
    VmRecord record = look.record();
    if (operation.kind() == Kind.SNAPSHOT || operation.kind() == Kind.SAVE) {
      // What was begun is seen to its end: a guest whose memory is half written must not run on.
      return true;
    }
    if (operation.kind() == Kind.STOP) {
      // A stop that was begun is seen to its end: what was asked of the guest cannot be taken back.
      // It is begun anew for somebody who has less patience.
      return !look.plan().waiting().isEmpty()
          || !record.isHeld(Hold.Kind.STOPPED)
          || power.grace(record).compareTo(Duration.parse(operation.purpose())) >= 0;
    }
    if (!isFor(operation, record)) {
      return false;
    }
    if (!look.plan().waiting().isEmpty()) {
      // Nothing is decided while a hypervisor is silent or a source settles, except by a person.
      return record.removal() == null && Observing.power(record) == Situation.Power.RUNNING;
    }
    // To accept an edit disturbs nothing.
    Optional<Action> next =
        look.plan().actions().stream()
            .filter(action -> !(action instanceof Action.Accept))
            .findFirst();
    return switch (operation.kind()) {
      // Seen to its end, unless somebody wants the VM to stop: half a change is nobody's wish.
      case ADJUST -> record.removal() == null && Observing.power(record) == Situation.Power.RUNNING;
      case STOP -> true;
      case SNAPSHOT, SAVE -> true;
      case CLONE, IMAGE -> look.plan().actions().stream().anyMatch(Preflight::isFor);
      case AWAIT_READY -> next.isPresent() && next.get() instanceof Action.AwaitReady;
      case PROVISION -> next.isPresent() && next.get() instanceof Action.Provision;
    };
  }

  /** Whether what an operation was begun for is what the record asks for now. */
  private boolean isFor(Operation operation, VmRecord record) {
    return switch (operation.kind()) {
      case STOP, ADJUST, SNAPSHOT, SAVE -> true;
      case CLONE -> operation.purpose().equals(String.valueOf(record.cloneOf()));
      case IMAGE ->
          ImageSource.all(record.desired().spec())
              .anyMatch(source -> source.text().equals(operation.purpose()));
      case AWAIT_READY -> operation.purpose().equals(GuestSteps.readyPurpose(record));
      case PROVISION -> operation.purpose().equals(guests.provisionPurpose(record));
    };
  }

  /** Takes over what an operation that has ended has brought. */
  void take(VmRecord record, VmRuntime runtime) {
    VmName name = record.name();
    Optional<Operation> ended =
        operations.of(name).filter(operation -> operation.future().isDone());
    if (ended.isEmpty()) {
      return;
    }
    Operation operation = ended.get();
    operations.end(name, operation);
    String action = action(operation.kind());
    try {
      Object result = operation.future().join();
      switch (operation.kind()) {
        case IMAGE, CLONE, STOP -> failures.succeeded(record, runtime, action);
        case SNAPSHOT -> snapshots.ended(record);
        case SAVE -> {
          memory.saved(record);
          failures.succeeded(record, runtime, action);
        }
        case ADJUST -> {
          steps.adjusted(record, (Adjusting.Result) result);
          failures.succeeded(record, runtime, action);
        }
        case AWAIT_READY -> {
          String run = incarnation(record);
          List<ShareFacts> shares = shares(result);
          changeIfFor(
              operation,
              record,
              now -> now.withReady(run).mapApplied(applied -> applied.sharing(shares)));
          events.normal(name, "Ready", "its guest answers");
          failures.succeeded(record, runtime, action);
        }
        case PROVISION -> provisioned(record, runtime, operation, (ProvisionResult) result);
      }
    } catch (CancellationException e) {
      log.log(System.Logger.Level.DEBUG, "{0} of {1} was given up", action, name);
    } catch (CompletionException e) {
      if (!(e.getCause() instanceof VmException cause)) {
        throw e;
      }
      if (operation.kind() == Kind.SNAPSHOT) {
        snapshots.failed(record, cause);
      } else if (operation.kind() == Kind.SAVE) {
        memory.notSaved(record, cause);
      } else if (isFor(operation, record)) {
        failures.note(record, runtime, action, cause);
      }
    }
  }

  /** Records how provisioning ended, unless other steps or another disk are asked for by now. */
  private void provisioned(
      VmRecord record, VmRuntime runtime, Operation operation, ProvisionResult result) {
    Instant now = parts.timeline().now();
    if (!isFor(operation, record)) {
      return;
    }
    switch (result) {
      case ProvisionResult.Succeeded() -> {
        changeIfFor(
            operation,
            record,
            had ->
                had.withProvision(ended(had, Provisioned.Result.SUCCEEDED, 0, "", now))
                    .withFailure(null));
        events.normal(record.name(), "Provisioned", "all steps have succeeded");
        runtime.failures = 0;
      }
      case ProvisionResult.Failed(int step, String message) -> {
        Failure failure =
            new Failure(
                ErrorCode.PROVISION_FAILED,
                message,
                "see 'vmctl log "
                    + record.name()
                    + " --provision'; it is run again when the steps are edited, or by 'vmctl provision "
                    + record.name()
                    + "'",
                record.desired().generation(),
                true);
        changeIfFor(
            operation,
            record,
            had ->
                had.withProvision(ended(had, Provisioned.Result.FAILED, step, message, now))
                    .withFailure(failure));
        events.warning(record.name(), "ProvisionFailed", message);
      }
    }
  }

  private Provisioned ended(
      VmRecord record, Provisioned.Result result, int step, String message, Instant at) {
    return new Provisioned(
        record.desired().diskId(), intents.stepsHash(record), result, step, message, at);
  }

  /** Somebody may ask for something else between our reading and our writing. */
  private void changeIfFor(Operation operation, VmRecord record, UnaryOperator<VmRecord> change) {
    store.change(record.name(), now -> isFor(operation, now) ? change.apply(now) : now);
  }

  private static List<ShareFacts> shares(Object result) {
    return ((List<?>) result).stream().map(ShareFacts.class::cast).toList();
  }

  private static String incarnation(VmRecord record) {
    Applied applied = record.applied();
    LaunchFacts facts = applied == null ? null : applied.facts();
    return facts == null ? "" : facts.incarnation();
  }

  static String action(Kind kind) {
    return switch (kind) {
      case IMAGE, CLONE -> "create";
      case SNAPSHOT -> "snapshot";
      case SAVE -> "suspend";
      case STOP -> PowerSteps.STOP;
      case ADJUST -> "change";
      case AWAIT_READY -> "wait";
      case PROVISION -> "provision";
    };
  }
}
