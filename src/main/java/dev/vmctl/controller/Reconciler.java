package dev.vmctl.controller;

import dev.vmctl.controller.Observer.Outcome;
import dev.vmctl.controller.Operations.Kind;
import dev.vmctl.controller.Operations.Operation;
import dev.vmctl.guest.ProvisionResult;
import dev.vmctl.hypervisor.Observation;
import dev.vmctl.image.ImageSource;
import dev.vmctl.model.Condition;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.ExitReason;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.PolicyFields;
import dev.vmctl.model.RestartPolicy;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import dev.vmctl.plan.Action;
import dev.vmctl.plan.Plan;
import dev.vmctl.plan.Planner;
import dev.vmctl.plan.Situation;
import dev.vmctl.store.Applied;
import dev.vmctl.store.Failure;
import dev.vmctl.store.Hold;
import dev.vmctl.store.Pending;
import dev.vmctl.store.Provisioned;
import dev.vmctl.store.VmRecord;
import dev.vmctl.store.VmStore;
import dev.vmctl.workqueue.WorkQueue;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletionException;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/**
 * Brings one VM a step nearer to what is declared, again and again, until nothing is left to do.
 *
 * <p>Level-triggered: whatever woke it, it looks at everything afresh. It never waits for a
 * network, a guest or a timer: that is what {@link Operations} are for.
 */
final class Reconciler implements WorkQueue.Handler<VmName> {
  private static final System.Logger log = System.getLogger(Reconciler.class.getName());

  /**
   * More steps in one reconcile than any plan has: a plan that never ends must not hold a worker.
   */
  private static final int MOST_STEPS = 20;

  /** A failure that trying again does not mend is looked at again by the resync, not sooner. */
  private static final Duration STALLED_PAUSE = Duration.ofSeconds(45);

  /** How often a VM that waits for others looks at them. */
  private static final Duration OTHERS = Duration.ofSeconds(1);

  /**
   * So often in a row a step may fail before it is reported as stalled, although it is still tried.
   */
  private static final int PATIENCE = 5;

  private final EngineParts parts;
  private final EngineSettings settings;
  private final VmStore store;
  private final Observing observing;
  private final Steps steps;
  private final Liveness liveness;
  private final Order order;
  private final Operations operations;
  private final VmRuntimes runtimes;
  private final Intents intents;
  private final Events events;

  Reconciler(
      EngineParts parts,
      EngineSettings settings,
      VmStore store,
      Observing observing,
      Steps steps,
      Liveness liveness,
      Order order,
      Operations operations,
      VmRuntimes runtimes,
      Intents intents,
      Events events) {
    this.parts = parts;
    this.settings = settings;
    this.store = store;
    this.observing = observing;
    this.steps = steps;
    this.liveness = liveness;
    this.order = order;
    this.operations = operations;
    this.runtimes = runtimes;
    this.intents = intents;
    this.events = events;
  }

  @Override
  public WorkQueue.Result handle(VmName name, Duration waited) {
    parts.observer().dequeued(name, waited);
    long began = parts.timeline().nanoTime();
    End end;
    try {
      end = reconcile(name);
    } catch (RuntimeException e) {
      end = broken(name, e);
    }
    Duration took = Duration.ofNanos(parts.timeline().nanoTime() - began);
    parts.observer().reconciled(name, took, end.outcome, end.reason);
    return end.result;
  }

  private End reconcile(VmName name) {
    VmRuntime runtime = runtimes.of(name);
    for (int step = 0; step < MOST_STEPS; step++) {
      Optional<VmRecord> remembered = store.read(name);
      if (remembered.isEmpty()) {
        runtimes.forget(name);
        return End.converged();
      }
      takeResult(remembered.get(), runtime);
      Look look = observing.look(store.read(name).orElse(remembered.get()));
      runtime.seen = look.seen();
      Optional<End> end = act(look, runtime);
      if (end.isPresent()) {
        return end.get();
      }
    }
    return new End(
        new WorkQueue.Result.After(Duration.ofSeconds(1)), Outcome.PROGRESSING, "too_many_steps");
  }

  /** One step; empty when it is done and all must be looked at again. */
  private Optional<End> act(Look look, VmRuntime runtime) {
    VmRecord record = look.record();
    VmName name = record.name();
    Plan plan = look.plan();
    Optional<Operation> operation = operations.of(name);
    if (operation.isPresent()) {
      if (!isStillWanted(operation.get(), look)) {
        operations.cancel(name, operation.get());
      } else if (!(firstOf(plan) instanceof Action.Accept)) {
        return Optional.of(underWay(look, runtime, operation.get().activity()));
      }
    } else if (forgetsStop(look)) {
      return Optional.empty();
    }
    liveness.attend(look);
    if (plan.next().isEmpty()) {
      return Optional.of(isHealed(look) ? underWay(look, runtime, "") : nothingToDo(look, runtime));
    }
    Action next = plan.next().get();
    Optional<End> held = waitForOthers(look, runtime, next);
    if (held.isPresent()) {
      return held;
    }
    Duration pause = pause(record, runtime, next);
    if (pause.isPositive()) {
      String waiting = "waiting to " + next.name() + " again";
      judge(look, runtime, waiting);
      return Optional.of(
          new End(new WorkQueue.Result.After(pause), Outcome.PROGRESSING, "waiting"));
    }
    Failure failure = record.failure();
    if (failure != null && isStalledStill(record, failure, runtime, next)) {
      judge(look, runtime, "");
      return Optional.of(
          new End(new WorkQueue.Result.Done(), Outcome.STALLED, failure.code().text()));
    }
    try {
      Steps.Outcome outcome = steps.carryOut(look, next);
      return switch (outcome) {
        case DONE -> {
          succeeded(record, runtime, next.name());
          yield Optional.empty();
        }
        case UNDER_WAY ->
            Optional.of(
                underWay(look, runtime, operations.of(name).map(Operation::activity).orElse("")));
        case GONE -> Optional.of(End.converged());
      };
    } catch (VmException e) {
      return Optional.of(failed(look, runtime, next.name(), e));
    }
  }

  /** What comes up waits for those it depends on; what goes down, for those that depend on it. */
  private Optional<End> waitForOthers(Look look, VmRuntime runtime, Action next) {
    VmRecord record = look.record();
    order.note(record);
    String why;
    try {
      why =
          switch (next) {
            case Action.Start start -> order.beforeStart(record);
            case Action.Stop stop -> order.beforeStop(record);
            case Action.Destroy destroy -> order.beforeStop(record);
            case Action.Create create -> "";
            case Action.TrashDisk trash -> "";
            case Action.Prepare prepare -> "";
            case Action.Accept accept -> "";
            case Action.Adjust adjust -> "";
            case Action.Reap reap -> "";
            case Action.Suspend suspend -> "";
            case Action.Resume resume -> "";
            case Action.AwaitReady ready -> "";
            case Action.Provision provision -> "";
          };
    } catch (VmException inVain) {
      Failure failure = Failure.of(inVain, record.desired().generation());
      if (!failure.equals(record.failure())) {
        noteFailure(record, runtime, next.name(), inVain);
      }
      judge(look, runtime, "");
      return Optional.of(
          new End(new WorkQueue.Result.After(OTHERS), Outcome.STALLED, inVain.code().text()));
    }
    Failure failure = record.failure();
    if (failure != null && failure.code() == ErrorCode.DEPENDENCY_FAILED) {
      // Those it depends on are on their way again: look at it all anew, without that.
      runtime.retryAt = Instant.EPOCH;
      change(record, now -> now.withFailure(null));
      return Optional.of(
          new End(new WorkQueue.Result.After(Duration.ZERO), Outcome.PROGRESSING, "ok"));
    }
    return why.isEmpty() ? Optional.empty() : Optional.of(waiting(look, runtime, why));
  }

  private End waiting(Look look, VmRuntime runtime, String why) {
    judge(look, runtime, why);
    return new End(new WorkQueue.Result.After(OTHERS), Outcome.PROGRESSING, "waiting");
  }

  /** Whether a guest that has hung is being stopped now, to come back. */
  private boolean isHealed(Look look) {
    VmRecord record = look.record();
    Optional<String> hung = liveness.hung(record);
    if (hung.isEmpty() || !look.plan().waiting().isEmpty()) {
      return false;
    }
    liveness.forgive(record.name());
    if (PolicyFields.RESTART.effective(record.desired().spec()) == RestartPolicy.NEVER) {
      events.warning(record.name(), ExitReason.HUNG.text(), hung.get() + "; it is never restarted");
      return false;
    }
    steps.heal(look, hung.get());
    return true;
  }

  private static @Nullable Action firstOf(Plan plan) {
    return plan.next().orElse(null);
  }

  /**
   * A stop that an engine before us began and did not see to its end, of a guest that runs on and
   * is wanted: it must not look as if it were stopping, nor its next crash as if it were asked for.
   */
  private boolean forgetsStop(Look look) {
    VmRecord record = look.record();
    Pending pending = record.pending();
    boolean runs =
        look.seen() instanceof Observation.Running || look.seen() instanceof Observation.Suspended;
    if (pending == null
        || !Steps.isStopping(record)
        || !runs
        || firstOf(look.plan()) instanceof Action.Stop) {
      return false;
    }
    change(record, now -> pending.equals(now.pending()) ? now.withPending(null) : now);
    return true;
  }

  private boolean isStillWanted(Operation operation, Look look) {
    VmRecord record = look.record();
    if (operation.kind() == Kind.STOP) {
      // A stop that was begun is seen to its end: what was asked of the guest cannot be taken back.
      // It is begun anew for somebody who has less patience.
      return !look.plan().waiting().isEmpty()
          || !record.isHeld(Hold.Kind.STOPPED)
          || steps.grace(record).compareTo(Duration.parse(operation.purpose())) >= 0;
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
      case IMAGE -> look.plan().actions().stream().anyMatch(Steps::needsPreflight);
      case AWAIT_READY -> next.isPresent() && next.get() instanceof Action.AwaitReady;
      case PROVISION -> next.isPresent() && next.get() instanceof Action.Provision;
    };
  }

  /** Whether what an operation was begun for is what the record asks for now. */
  private boolean isFor(Operation operation, VmRecord record) {
    return switch (operation.kind()) {
      case STOP, ADJUST -> true;
      case IMAGE ->
          ImageSource.all(record.desired().spec())
              .anyMatch(source -> source.text().equals(operation.purpose()));
      case AWAIT_READY -> operation.purpose().equals(Steps.readyPurpose(record));
      case PROVISION -> operation.purpose().equals(steps.provisionPurpose(record));
    };
  }

  private static String incarnation(VmRecord record) {
    Applied applied = record.applied();
    LaunchFacts facts = applied == null ? null : applied.facts();
    return facts == null ? "" : facts.incarnation();
  }

  /**
   * How long the next action has to wait: after a failure of its own, or after crashes of the
   * guest.
   */
  private Duration pause(VmRecord record, VmRuntime runtime, Action next) {
    Duration pause = Duration.ZERO;
    if (record.failure() != null
        && !record.failure().stalled()
        && runtime.failedAction.equals(next.name())) {
      pause = Duration.between(parts.timeline().now(), runtime.retryAt);
    }
    if (next instanceof Action.Start) {
      Duration crash =
          observing
              .heldBackUntil(record)
              .map(due -> Duration.between(parts.timeline().now(), due))
              .orElse(Duration.ZERO);
      pause = crash.compareTo(pause) > 0 ? crash : pause;
    }
    return pause;
  }

  private boolean isStalledStill(VmRecord record, Failure failure, VmRuntime runtime, Action next) {
    return failure.stalled()
        && runtime.failedAction.equals(next.name())
        && failure.generation() == record.desired().generation()
        && parts.timeline().now().isBefore(runtime.retryAt);
  }

  private End nothingToDo(Look look, VmRuntime runtime) {
    Plan plan = look.plan();
    if (!plan.waiting().isEmpty()) {
      judge(look, runtime, plan.waiting());
      Duration again =
          plan.waiting().equals(Planner.SETTLING) ? settings.settle() : Duration.ofSeconds(2);
      return new End(new WorkQueue.Result.After(again), Outcome.PROGRESSING, "waiting");
    }
    VmRecord record = look.record();
    if (record.failure() != null && !isProvisionFailure(record)) {
      change(record, now -> now.withFailure(null));
    }
    runtime.failures = 0;
    VmRecord before = record;
    judge(look, runtime, "");
    boolean was =
        before
            .condition(Condition.Type.RECONCILING)
            .map(c -> c.status() == Condition.Status.FALSE)
            .orElse(false);
    if (!was) {
      parts
          .observer()
          .converged(
              record.name(),
              Duration.between(record.desired().changedAt(), parts.timeline().now()));
    }
    return End.converged();
  }

  private static boolean isProvisionFailure(VmRecord record) {
    return record.failure() != null
        && record.failure().code() == ErrorCode.PROVISION_FAILED
        && record.provision() != null
        && record.provision().result() == Provisioned.Result.FAILED;
  }

  private End underWay(Look look, VmRuntime runtime, String activity) {
    judge(look, runtime, activity.isEmpty() ? "working" : activity);
    return new End(new WorkQueue.Result.Done(), Outcome.PROGRESSING, "ok");
  }

  /** Takes over what an operation that has ended has brought. */
  private void takeResult(VmRecord record, VmRuntime runtime) {
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
        case IMAGE, STOP -> succeeded(record, runtime, action);
        case ADJUST -> {
          steps.adjusted(record, (Adjusting.Result) result);
          succeeded(record, runtime, action);
        }
        case AWAIT_READY -> {
          String run = incarnation(record);
          changeIfFor(operation, record, now -> now.mapApplied(applied -> applied.withReady(run)));
          events.normal(name, "Ready", "its guest answers");
          succeeded(record, runtime, action);
        }
        case PROVISION -> provisioned(record, runtime, operation, (ProvisionResult) result);
      }
    } catch (CancellationException e) {
      log.log(System.Logger.Level.DEBUG, "{0} of {1} was given up", action, name);
    } catch (CompletionException e) {
      if (!(e.getCause() instanceof VmException cause)) {
        throw e;
      }
      if (isFor(operation, record)) {
        noteFailure(record, runtime, action, cause);
      }
    }
  }

  private static String action(Kind kind) {
    return switch (kind) {
      case IMAGE -> "create";
      case STOP -> Steps.STOP;
      case ADJUST -> "change";
      case AWAIT_READY -> "wait";
      case PROVISION -> "provision";
    };
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
    change(record, now -> isFor(operation, now) ? change.apply(now) : now);
  }

  private void succeeded(VmRecord record, VmRuntime runtime, String action) {
    if (record.failure() != null
        && (runtime.failedAction.equals(action) || runtime.failedAction.isEmpty())) {
      runtime.failures = 0;
      change(record, now -> isProvisionFailure(now) ? now : now.withFailure(null));
    }
  }

  private End failed(Look look, VmRuntime runtime, String action, VmException cause) {
    noteFailure(look.record(), runtime, action, cause);
    boolean stalled = !cause.code().isTransient();
    judge(look, runtime, stalled ? "" : "waiting to " + action + " again");
    if (stalled) {
      return new End(new WorkQueue.Result.Done(), Outcome.STALLED, cause.code().text());
    }
    Duration again = Duration.between(parts.timeline().now(), runtime.retryAt);
    return new End(new WorkQueue.Result.After(again), Outcome.FAILED, cause.code().text());
  }

  private void noteFailure(VmRecord record, VmRuntime runtime, String action, VmException cause) {
    boolean sameAction = runtime.failedAction.equals(action) && record.failure() != null;
    runtime.failures = sameAction ? runtime.failures + 1 : 1;
    runtime.failedAction = action;
    Duration pause =
        cause.code().isTransient()
            ? settings.backoff().after(runtime.failures, parts.random())
            : STALLED_PAUSE;
    runtime.retryAt = parts.timeline().now().plus(pause);
    Failure failure = Failure.of(cause, record.desired().generation());
    boolean first = !failure.equals(record.failure());
    // A failure of what is not wanted any more must not hold up what is wanted now.
    change(
        record,
        now -> (now.wantsSameAs(record) ? now.withFailure(failure) : now).withPending(null));
    String told = "cannot " + action + ": " + cause.getMessage();
    events.warning(record.name(), Judge.reason(failure), told + consoleTail(record, action));
    if (first) {
      log.log(
          System.Logger.Level.WARNING,
          "{0}: cannot {1}: {2} [{3}]",
          record.name(),
          action,
          cause.getMessage(),
          cause.code().text());
    }
  }

  /** What the guest has said last, where that may tell why it is not ready. */
  private String consoleTail(VmRecord record, String action) {
    List<String> tail =
        action.equals(action(Kind.AWAIT_READY))
            ? parts.guests().consoleTail(parts.data().vm(record.name()))
            : List.of();
    return tail.isEmpty() ? "" : "\nthe console says:\n" + String.join("\n", tail);
  }

  /** Whether the failure has lasted so long that whoever waits should be told. */
  static boolean isPersistent(VmRuntime runtime) {
    return runtime.failures >= PATIENCE;
  }

  private void judge(Look look, VmRuntime runtime, String next) {
    runtime.activity = next;
    boolean provisionNeeded =
        look.plan().actions().stream().anyMatch(Action.Provision.class::isInstance);
    String backOff =
        observing
            .heldBackUntil(look.record())
            .map(due -> Endings.backOff(observing.recentRestarts(look.record()), due))
            .orElse("");
    Instant now = parts.timeline().now();
    // Somebody may have asked for something else since the look. That was not judged: the key is in
    // the queue again, and until then nobody may take the VM for converged.
    change(
        look.record(),
        record ->
            record.wantsSameAs(look.record())
                ? record.withConditions(
                    Judge.withHeldBack(
                        record,
                        look.heldBack(),
                        now,
                        Judge.conditions(
                            record,
                            look.seen(),
                            next,
                            runtime.sourceProblem,
                            backOff,
                            provisionNeeded,
                            now)))
                : record);
  }

  private End broken(VmName name, RuntimeException e) {
    // A fault of ours, or of the disk under the store: the others go on, this one is tried again.
    String what = e instanceof VmException known ? known.getMessage() : e.toString();
    String code = e instanceof VmException known ? known.code().text() : ErrorCode.INTERNAL.text();
    log.log(System.Logger.Level.ERROR, "reconcile of " + name + " failed", e);
    events.warning(name, "ReconcileFailed", what);
    runtimes.of(name).activity = "failed: " + what;
    return new End(new WorkQueue.Result.Failed(), Outcome.FAILED, code);
  }

  private void change(VmRecord record, UnaryOperator<VmRecord> change) {
    store.update(record.name(), now -> now == null ? null : change.apply(now));
  }

  /** How a reconcile ends. */
  private record End(WorkQueue.Result result, Outcome outcome, String reason) {
    static End converged() {
      return new End(new WorkQueue.Result.Done(), Outcome.CONVERGED, "ok");
    }
  }
}
