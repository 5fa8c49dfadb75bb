package dev.vmctl.controller;

import dev.vmctl.controller.Operations.Kind;
import dev.vmctl.disk.TrashEntry;
import dev.vmctl.model.OnFailedReplace;
import dev.vmctl.model.PolicyFields;
import dev.vmctl.model.VmException;
import dev.vmctl.plan.Situation.Power;
import dev.vmctl.store.PastGeneration;
import dev.vmctl.store.Replaced;
import dev.vmctl.store.VmRecord;
import dev.vmctl.store.VmStore;
import java.time.Duration;
import java.time.Instant;
import java.util.Optional;

/**
 * What becomes of a VM that is not ready in time on a new root disk: by its {@code lifecycle} it
 * gets the old one back, with what was declared then, or somebody is told how.
 */
final class WayBack {
  private final EngineParts parts;
  private final EngineSettings settings;
  private final VmStore store;
  private final Intents intents;
  private final Events events;
  private final Past past;
  private final Rollback rollback;
  private final DiskOrigins origins;

  WayBack(
      EngineParts parts,
      EngineSettings settings,
      VmStore store,
      Intents intents,
      Events events,
      Past past,
      Rollback rollback) {
    this.parts = parts;
    this.settings = settings;
    this.store = store;
    this.intents = intents;
    this.events = events;
    this.past = past;
    this.rollback = rollback;
    this.origins = new DiskOrigins(parts);
  }

  /**
   * Goes it, or tells of it, once.
   *
   * @return whether the record is another now
   */
  boolean attend(Look look, VmRuntime runtime) {
    VmRecord record = look.record();
    Replaced replaced = record.replaced();
    if (replaced == null
        || replaced.told()
        || record.removal() != null
        || replaced.diskId().equals(record.desired().diskId()) // It is on its way already.
        || Observing.power(record) != Power.RUNNING
        || !isLate(record, replaced, runtime)) {
      return false;
    }
    Optional<TrashEntry> disk = origins.kept(record, replaced.diskId());
    if (PolicyFields.ON_FAILED_REPLACE.effective(record.desired().spec()) == OnFailedReplace.RESTORE
        && disk.isPresent()) {
      return go(look, replaced);
    }
    store.change(record.name(), now -> now.withReplaced(replaced.asTold()));
    String offer = offer(record);
    events.warning(
        record.name(),
        "ReplaceFailed",
        "it is not ready in time on its new disk"
            + (offer.isEmpty() ? "; the old one is gone" : "; " + offer));
    return true;
  }

  private boolean isLate(VmRecord record, Replaced replaced, VmRuntime runtime) {
    Instant since = replaced.since();
    if (since == null) {
      return false;
    }
    boolean gaveUp =
        record.failure() != null
            && record.failure().stalled()
            && runtime.failedAction.equals(Results.action(Kind.AWAIT_READY));
    Duration timeout = GuestSteps.readyTimeout(record, settings);
    return gaveUp || !parts.timeline().now().isBefore(since.plus(timeout));
  }

  private boolean go(Look look, Replaced replaced) {
    VmRecord record = look.record();
    try {
      Optional<PastGeneration> then = generation(record, replaced);
      if (then.isPresent()) {
        rollback.to(record, then.get().generation(), look.seen());
      } else {
        Instant at = parts.timeline().now();
        store.change(record.name(), now -> intents.putBack(now, replaced, at));
      }
      events.warning(
          record.name(),
          "ReplaceFailed",
          "it is not ready in time on its new disk: its lifecycle brings the old one back");
    } catch (VmException impossible) {
      if (impossible.code().isTransient()) {
        throw impossible; // The next reconcile tries again.
      }
      store.change(record.name(), now -> now.withReplaced(replaced.asTold()));
      events.warning(
          record.name(),
          "ReplaceFailed",
          "it is not ready in time on its new disk, and the old one cannot come back: "
              + impossible.getMessage()
              + "; "
              + impossible.help());
    }
    return true;
  }

  /** What to type, once it is late; empty when it is not, or nothing leads back. */
  String offer(VmRecord record) {
    Replaced replaced = record.replaced();
    if (replaced == null || (record.failure() == null && !replaced.told())) {
      return "";
    }
    return origins
        .kept(record, replaced.diskId())
        .map(
            disk ->
                "its old disk is in the trash, this brings it back: "
                    + generation(record, replaced)
                        .map(
                            then ->
                                "vmctl rollback " + record.name() + " --to " + then.generation())
                        .orElse(
                            "vmctl stop "
                                + record.name()
                                + " && vmctl trash restore "
                                + disk.id()
                                + " && vmctl start "
                                + record.name()))
        .orElse("");
  }

  /** The newest other declaration that ran on that disk; none after a reload. */
  private Optional<PastGeneration> generation(VmRecord record, Replaced replaced) {
    return past.past(record).reversed().stream()
        .filter(each -> replaced.diskId().equals(each.diskId()))
        .findFirst();
  }
}
