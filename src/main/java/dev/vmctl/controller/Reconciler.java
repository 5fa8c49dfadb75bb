package dev.vmctl.controller;

import dev.vmctl.controller.Observer.Outcome;
import dev.vmctl.controller.Operations.Operation;
import dev.vmctl.hypervisor.Observation;
import dev.vmctl.model.Condition;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.ExitReason;
import dev.vmctl.model.PolicyFields;
import dev.vmctl.model.RestartPolicy;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import dev.vmctl.plan.Action;
import dev.vmctl.plan.Plan;
import dev.vmctl.plan.Planner;
import dev.vmctl.store.Failure;
import dev.vmctl.store.Pending;
import dev.vmctl.store.VmRecord;
import dev.vmctl.store.VmStore;
import dev.vmctl.workqueue.WorkQueue;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/**
 * Brings one VM a step nearer to what is declared, again and again, until nothing is left to do.
 *
 * <p>Level-triggered: whatever woke it, it looks at everything afresh. It never waits for a
 * network, a guest or a timer: that is what {@link Operations} are for.
 */
final class Reconciler implements WorkQueue.Handler<VmName> {

  /**
   * More steps in one reconcile than any plan has: a plan that never ends must not hold a worker.
   */
  private static final int MOST_STEPS = 20;

  /** What keeps a VM from starting until others, or the host, are as it needs them. */
  private static final Set<ErrorCode> PASSING =
      Set.of(ErrorCode.DEPENDENCY_FAILED, ErrorCode.HOST_DISK_LOW);

  /** How often a VM that waits for others looks at them. */
  private static final Duration OTHERS = Duration.ofSeconds(1);

  private final EngineParts parts;
  private final EngineSettings settings;
  private final VmStore store;
  private final Observing observing;
  private final Steps steps;
  private final PowerSteps power;
  private final Results results;
  private final Failures failures;
  private final Liveness liveness;
  private final WayBack wayBack;
  private final Order order;
  private final Room room;
  private final Releases releases;
  private final Cloning cloning;
  private final Operations operations;
  private final VmRuntimes runtimes;
  private final Events events;
  private final AtomicLong count = new AtomicLong();

  Reconciler(
      EngineParts parts,
      EngineSettings settings,
      VmStore store,
      Observing observing,
      Steps steps,
      PowerSteps power,
      Results results,
      Failures failures,
      Liveness liveness,
      WayBack wayBack,
      Order order,
      Room room,
      Releases releases,
      Cloning cloning,
      Operations operations,
      VmRuntimes runtimes,
      Events events) {
    this.parts = parts;
    this.settings = settings;
    this.store = store;
    this.observing = observing;
    this.steps = steps;
    this.power = power;
    this.results = results;
    this.failures = failures;
    this.liveness = liveness;
    this.wayBack = wayBack;
    this.order = order;
    this.room = room;
    this.releases = releases;
    this.cloning = cloning;
    this.operations = operations;
    this.runtimes = runtimes;
    this.events = events;
  }

  @Override
  public WorkQueue.Result handle(VmName name, Duration waited) {
    parts.observer().dequeued(name, waited);
    parts.observer().reconciling(name, name + "#" + count.incrementAndGet());
    long began = parts.timeline().nanoTime();
    End end;
    try {
      end = reconcile(name);
    } catch (RuntimeException e) {
      // A fault of ours, or of the disk under the store: the others go on, this one is tried again.
      String code = failures.unrecorded(name, runtimes.of(name), e);
      end = new End(new WorkQueue.Result.Failed(), Outcome.FAILED, code);
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
        room.forget(name);
        return End.converged();
      }
      results.take(remembered.get(), runtime);
      VmRecord record = store.read(name).orElse(remembered.get());
      if (Releases.isWanted(record)) {
        return release(record);
      }
      Look look = observing.look(record);
      runtime.seen = look.seen();
      Optional<End> end = act(look, runtime);
      if (end.isPresent()) {
        runtime.trouble = "";
        return end.get();
      }
    }
    return new End(
        new WorkQueue.Result.After(Duration.ofSeconds(1)), Outcome.PROGRESSING, "too_many_steps");
  }

  /** Nothing follows from what it does: it is let go as it is. */
  private End release(VmRecord record) {
    VmName name = record.name();
    operations.of(name).ifPresent(operation -> operations.cancel(name, operation));
    if (!releases.carryOut(record)) {
      return new End(
          new WorkQueue.Result.After(Duration.ZERO), Outcome.PROGRESSING, "wanted_again");
    }
    runtimes.forget(name);
    room.forget(name);
    parts.observer().forgotten(name);
    return End.converged();
  }

  /** One step; empty when it is done and all must be looked at again. */
  private Optional<End> act(Look look, VmRuntime runtime) {
    VmRecord record = look.record();
    VmName name = record.name();
    Plan plan = look.plan();
    room.note(look);
    Optional<Operation> operation = operations.of(name);
    if (operation.isPresent()) {
      if (!results.isStillWanted(operation.get(), look)) {
        operations.cancel(name, operation.get());
      } else if (!(firstOf(plan) instanceof Action.Accept)) {
        return Optional.of(underWay(look, runtime, operation.get().activity()));
      }
    } else if (forgetsStop(look)) {
      return Optional.empty();
    }
    liveness.attend(look);
    if (wayBack.attend(look, runtime)) {
      return Optional.empty();
    }
    if (plan.next().isEmpty()) {
      return Optional.of(isHealed(look) ? underWay(look, runtime, "") : nothingToDo(look, runtime));
    }
    Action next = plan.next().get();
    Optional<End> held = waitForOthers(look, runtime, next);
    if (held.isPresent()) {
      return held;
    }
    Duration pause = failures.pause(record, runtime, next);
    if (pause.isPositive()) {
      judge(look, runtime, Activity.work("waiting to " + next.name() + " again"));
      return Optional.of(
          new End(new WorkQueue.Result.After(pause), Outcome.PROGRESSING, "waiting"));
    }
    Failure failure = record.failure();
    if (failure != null && failures.isStalledStill(record, failure, runtime, next)) {
      judge(look, runtime, Activity.NONE);
      return Optional.of(
          new End(new WorkQueue.Result.Done(), Outcome.STALLED, failure.code().text()));
    }
    try {
      Steps.Outcome outcome = steps.carryOut(look, next);
      return switch (outcome) {
        case DONE -> {
          failures.succeeded(record, runtime, next.name());
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
    Activity why;
    try {
      why =
          switch (next) {
            case Action.Start start -> beforeStart(record);
            case Action.Stop stop -> order.beforeStop(record);
            case Action.Destroy destroy -> order.beforeStop(record);
            case Action.Create create -> cloning.beforeCreate(record);
            case Action.TrashDisk trash -> Activity.NONE;
            case Action.Prepare prepare -> Activity.NONE;
            case Action.Accept accept -> Activity.NONE;
            case Action.Adjust adjust -> Activity.NONE;
            case Action.Reap reap -> Activity.NONE;
            case Action.Suspend suspend -> Activity.NONE;
            case Action.Resume resume -> Activity.NONE;
            case Action.AwaitReady ready -> Activity.NONE;
            case Action.Provision provision -> Activity.NONE;
            case Action.Snapshot snapshot -> Activity.NONE;
            case Action.Save save -> Activity.NONE;
          };
    } catch (VmException inVain) {
      Failure failure = Failure.of(inVain, record.desired().generation());
      if (!failure.equals(record.failure())) {
        failures.note(record, runtime, next.name(), inVain);
      }
      judge(look, runtime, Activity.NONE);
      return Optional.of(
          new End(new WorkQueue.Result.After(OTHERS), Outcome.STALLED, inVain.code().text()));
    }
    Failure failure = record.failure();
    if (failure != null && PASSING.contains(failure.code())) {
      // What kept it from starting is over: look at it all anew, without that.
      runtime.retryAt = Instant.MIN;
      store.change(record.name(), now -> now.withFailure(null));
      return Optional.of(
          new End(new WorkQueue.Result.After(Duration.ZERO), Outcome.PROGRESSING, "ok"));
    }
    return why.isNone() ? Optional.empty() : Optional.of(waiting(look, runtime, why));
  }

  private Activity beforeStart(VmRecord record) {
    Activity others = order.beforeStart(record);
    return others.isNone() ? room.beforeStart(record) : others;
  }

  private End waiting(Look look, VmRuntime runtime, Activity why) {
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
    power.heal(look, hung.get());
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
        || !PowerSteps.isStopping(record)
        || !runs
        || firstOf(look.plan()) instanceof Action.Stop) {
      return false;
    }
    store.change(record.name(), now -> pending.equals(now.pending()) ? now.withPending(null) : now);
    return true;
  }

  private End nothingToDo(Look look, VmRuntime runtime) {
    Plan plan = look.plan();
    if (!plan.waiting().isEmpty()) {
      judge(look, runtime, Activity.work(plan.waiting()));
      Duration again =
          plan.waiting().equals(Planner.SETTLING) ? settings.settle() : Duration.ofSeconds(2);
      return new End(new WorkQueue.Result.After(again), Outcome.PROGRESSING, "waiting");
    }
    VmRecord record = look.record();
    if (record.failure() != null && !Failures.isOfProvisioning(record)) {
      store.change(record.name(), now -> now.withFailure(null));
    }
    runtime.failures = 0;
    VmRecord before = record;
    judge(look, runtime, Activity.NONE);
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

  private End underWay(Look look, VmRuntime runtime, String activity) {
    judge(look, runtime, Activity.work(activity.isEmpty() ? "working" : activity));
    return new End(new WorkQueue.Result.Done(), Outcome.PROGRESSING, "ok");
  }

  private End failed(Look look, VmRuntime runtime, String action, VmException cause) {
    failures.note(look.record(), runtime, action, cause);
    boolean stalled = !cause.code().isTransient();
    judge(
        look, runtime, stalled ? Activity.NONE : Activity.work("waiting to " + action + " again"));
    if (stalled) {
      return new End(new WorkQueue.Result.Done(), Outcome.STALLED, cause.code().text());
    }
    Duration again = Duration.between(parts.timeline().steady(), runtime.retryAt);
    return new End(new WorkQueue.Result.After(again), Outcome.FAILED, cause.code().text());
  }

  private void judge(Look look, VmRuntime runtime, Activity next) {
    runtime.activity = next.text();
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
    store.change(
        look.record().name(),
        record ->
            record.wantsSameAs(look.record())
                ? record.withConditions(
                    Judge.withAdopted(
                        record,
                        now,
                        Judge.withHeldBack(
                            record,
                            look.heldBack(),
                            now,
                            Judge.withOffer(
                                Judge.conditions(
                                    record,
                                    look.seen(),
                                    next,
                                    runtime.sourceProblem,
                                    backOff,
                                    provisionNeeded,
                                    now),
                                wayBack.offer(record)))))
                : record);
  }

  /** How a reconcile ends. */
  private record End(WorkQueue.Result result, Outcome outcome, String reason) {
    static End converged() {
      return new End(new WorkQueue.Result.Done(), Outcome.CONVERGED, "ok");
    }
  }
}
