package dev.vmctl.controller;

import dev.vmctl.controller.Operations.Kind;
import dev.vmctl.host.Log;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import dev.vmctl.plan.Action;
import dev.vmctl.store.Failure;
import dev.vmctl.store.Provisioned;
import dev.vmctl.store.VmRecord;
import dev.vmctl.store.VmStore;
import java.time.Duration;
import java.util.List;

/** What has failed of a VM, how often, and when it is tried again. */
final class Failures {
  private static final System.Logger log = Log.of(Failures.class);

  /** A failure that trying again does not mend is looked at again by the resync, not sooner. */
  private static final Duration STALLED_PAUSE = Duration.ofSeconds(45);

  /**
   * So often in a row a step may fail before it is reported as stalled, although it is still tried.
   */
  private static final int PATIENCE = 5;

  private final EngineParts parts;
  private final EngineSettings settings;
  private final VmStore store;
  private final Observing observing;
  private final Events events;
  private final Watchers watchers;

  Failures(
      EngineParts parts,
      EngineSettings settings,
      VmStore store,
      Observing observing,
      Events events,
      Watchers watchers) {
    this.parts = parts;
    this.settings = settings;
    this.store = store;
    this.observing = observing;
    this.events = events;
    this.watchers = watchers;
  }

  /** Remembers a failure, tells of it, and says when the step is tried again. */
  void note(VmRecord record, VmRuntime runtime, String action, VmException cause) {
    boolean sameAction = runtime.failedAction.equals(action) && record.failure() != null;
    runtime.failures = sameAction ? runtime.failures + 1 : 1;
    runtime.failedAction = action;
    Duration pause =
        cause.code().isTransient()
            ? settings.backoff().after(runtime.failures, parts.random())
            : STALLED_PAUSE;
    runtime.retryAt = parts.timeline().steady().plus(pause);
    Failure failure = Failure.of(cause, record.desired().generation());
    boolean first = !failure.equals(record.failure());
    // A failure of what is not wanted any more must not hold up what is wanted now.
    store.change(
        record.name(),
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

  void succeeded(VmRecord record, VmRuntime runtime, String action) {
    if (record.failure() != null
        && (runtime.failedAction.equals(action) || runtime.failedAction.isEmpty())) {
      runtime.failures = 0;
      store.change(record.name(), now -> isOfProvisioning(now) ? now : now.withFailure(null));
    }
  }

  /**
   * How long the next action has to wait: after a failure of its own, or after crashes of the
   * guest.
   */
  Duration pause(VmRecord record, VmRuntime runtime, Action next) {
    Duration pause = Duration.ZERO;
    if (record.failure() != null
        && !record.failure().stalled()
        && runtime.failedAction.equals(next.name())) {
      pause = Duration.between(parts.timeline().steady(), runtime.retryAt);
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

  /**
   * Tells of what ended a reconcile before it could be written down, as far as that is possible:
   * the disk under the store may be full.
   *
   * @return its code
   */
  String unrecorded(VmName name, VmRuntime runtime, RuntimeException cause) {
    VmException known = cause instanceof VmException told ? told : null;
    String what = known == null ? cause.toString() : known.getMessage();
    boolean first = !what.equals(runtime.trouble);
    runtime.trouble = what;
    events.warning(name, "ReconcileFailed", what);
    watchers.changed(name);
    String code = known == null ? ErrorCode.INTERNAL.text() : known.code().text();
    if (known == null) {
      log.log(System.Logger.Level.ERROR, "reconcile of " + name + " failed", cause);
    } else if (first) {
      log.log(System.Logger.Level.WARNING, "{0}: {1} [{2}]", name, what, code);
    }
    return code;
  }

  boolean isStalledStill(VmRecord record, Failure failure, VmRuntime runtime, Action next) {
    return failure.stalled()
        && runtime.failedAction.equals(next.name())
        && failure.generation() == record.desired().generation()
        && parts.timeline().steady().isBefore(runtime.retryAt);
  }

  /** What the guest has said last, where that may tell why it is not ready. */
  private String consoleTail(VmRecord record, String action) {
    List<String> tail =
        action.equals(Results.action(Kind.AWAIT_READY))
            ? parts.guests().consoleTail(parts.data().vm(record.name()))
            : List.of();
    return tail.isEmpty() ? "" : "\nthe console says:\n" + String.join("\n", tail);
  }

  static boolean isOfProvisioning(VmRecord record) {
    return record.failure() != null
        && record.failure().code() == ErrorCode.PROVISION_FAILED
        && record.provision() != null
        && record.provision().result() == Provisioned.Result.FAILED;
  }

  /** Whether the failure has lasted so long that whoever waits should be told. */
  static boolean isPersistent(VmRuntime runtime) {
    return runtime.failures >= PATIENCE;
  }
}
