package dev.vmctl.controller;

import dev.vmctl.hypervisor.Observation;
import dev.vmctl.model.AdoptedProcess;
import dev.vmctl.model.Condition;
import dev.vmctl.model.Condition.Status;
import dev.vmctl.model.Condition.Type;
import dev.vmctl.model.ExitReason;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.plan.HeldBack;
import dev.vmctl.plan.Situation.Power;
import dev.vmctl.store.Applied;
import dev.vmctl.store.Failure;
import dev.vmctl.store.Provisioned;
import dev.vmctl.store.VmRecord;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;

/** Judges a VM's conditions from what is remembered and seen. Pure. */
final class Judge {
  private Judge() {}

  /**
   * @param next what is being done, waited for or about to be done
   * @param sourceProblem what is wrong with the file that declares it; empty when nothing is
   * @param backOff why it is not started at once after it ended; empty when it is
   */
  static List<Condition> conditions(
      VmRecord record,
      Observation seen,
      Activity next,
      String sourceProblem,
      String backOff,
      boolean provisionNeeded,
      Instant now) {
    List<Condition> judged = new ArrayList<>();
    judged.add(ready(record, seen, next, backOff, now));
    judged.add(
        next.isNone()
            ? condition(record, Type.RECONCILING, Status.FALSE, "Settled", "", now)
            : condition(record, Type.RECONCILING, Status.TRUE, "Progressing", next.text(), now));
    judged.add(stalled(record, sourceProblem, now));
    judged.add(provisioned(record, provisionNeeded, now));
    return judged.stream()
        .map(fresh -> record.condition(fresh.type()).map(fresh::after).orElse(fresh))
        .toList();
  }

  /** These, and what is declared and waits for somebody to ask for it. */
  static List<Condition> withHeldBack(
      VmRecord record, HeldBack heldBack, Instant now, List<Condition> judged) {
    if (heldBack.changes().isEmpty()) {
      return judged;
    }
    String message =
        heldBack.text() + " waits for somebody to ask for it: vmctl apply " + record.name();
    Condition fresh = condition(record, Type.OUT_OF_SYNC, Status.TRUE, "Manual", message, now);
    List<Condition> all = new ArrayList<>(judged);
    all.add(record.condition(Type.OUT_OF_SYNC).map(fresh::after).orElse(fresh));
    return all;
  }

  /** These, and what cannot be done with a process that others have started. */
  static List<Condition> withAdopted(VmRecord record, Instant now, List<Condition> judged) {
    Applied applied = record.applied();
    LaunchFacts facts = applied == null || !applied.running() ? null : applied.facts();
    AdoptedProcess process = facts == null ? null : facts.adopted();
    if (process == null) {
      return judged;
    }
    String message =
        "others have started it: " + Candidate.limits(process) + "; its next start is vmctl's own";
    Condition fresh = condition(record, Type.ADOPTED, Status.TRUE, "StartedByOthers", message, now);
    List<Condition> all = new ArrayList<>(judged);
    all.add(record.condition(Type.ADOPTED).map(fresh::after).orElse(fresh));
    return all;
  }

  /** These, with what somebody can do about a VM that is not ready; empty for nothing. */
  static List<Condition> withOffer(List<Condition> judged, String offer) {
    return offer.isEmpty() ? judged : judged.stream().map(each -> withOffer(each, offer)).toList();
  }

  private static Condition withOffer(Condition judged, String offer) {
    if (judged.type() != Type.READY || judged.status() == Status.TRUE) {
      return judged;
    }
    return new Condition(
        judged.type(),
        judged.status(),
        judged.reason(),
        judged.message().isEmpty() ? offer : judged.message() + "; " + offer,
        judged.observedGeneration(),
        judged.lastTransitionTime());
  }

  private static Condition ready(
      VmRecord record, Observation seen, Activity next, String backOff, Instant now) {
    Type type = Type.READY;
    return switch (seen) {
      case Observation.Running running -> {
        Applied applied = record.applied();
        Failure failure = record.failure();
        if (applied != null && applied.isReady()) {
          yield condition(record, type, Status.TRUE, "Ready", "", now);
        }
        yield failure == null
            ? condition(record, type, Status.FALSE, "Starting", "its guest is not ready yet", now)
            : condition(record, type, Status.FALSE, reason(failure), failure.message(), now);
      }
      case Observation.Suspended suspended ->
          condition(record, type, Status.FALSE, "Suspended", "its processors are frozen", now);
      case Observation.Unknown(String why) ->
          condition(record, type, Status.UNKNOWN, "HypervisorNotAnswering", why, now);
      case Observation.Exited exited -> notRunning(record, next, backOff, now);
      case Observation.Absent absent -> notRunning(record, next, backOff, now);
    };
  }

  private static Condition notRunning(VmRecord record, Activity next, String backOff, Instant now) {
    Failure failure = record.failure();
    if (record.removal() != null) {
      return condition(record, Type.READY, Status.FALSE, "Removing", "", now);
    }
    if (Observing.power(record) != Power.RUNNING) {
      return condition(
          record,
          Type.READY,
          Status.FALSE,
          "Held",
          "held "
              + record.holds().getFirst().kind().text()
              + " by "
              + record.holds().getFirst().by()
              + (record.saved().isPresent() ? "; its memory is on disk" : ""),
          now);
    }
    if (failure != null) {
      return condition(record, Type.READY, Status.FALSE, reason(failure), failure.message(), now);
    }
    if (!backOff.isEmpty()) {
      String message = Endings.message(record) + "; " + backOff;
      return condition(record, Type.READY, Status.FALSE, Endings.BACK_OFF, message, now);
    }
    String waiting = next.kind().reason();
    if (!waiting.isEmpty()) {
      return condition(record, Type.READY, Status.FALSE, waiting, next.text(), now);
    }
    ExitReason exit = record.lastExit() == null ? null : record.lastExit().reason();
    return condition(
        record,
        Type.READY,
        Status.FALSE,
        exit == null ? "NotRunning" : exit.text(),
        Endings.message(record),
        now);
  }

  private static Condition stalled(VmRecord record, String sourceProblem, Instant now) {
    Failure failure = record.failure();
    if (failure != null && failure.stalled()) {
      return condition(record, Type.STALLED, Status.TRUE, reason(failure), failure.message(), now);
    }
    return sourceProblem.isEmpty()
        ? condition(record, Type.STALLED, Status.FALSE, "None", "", now)
        : condition(
            record,
            Type.STALLED,
            Status.TRUE,
            "SourceInvalid",
            sourceProblem + "; the last good declaration stays in force",
            now);
  }

  private static Condition provisioned(VmRecord record, boolean needed, Instant now) {
    Type type = Type.PROVISIONED;
    Provisioned ended = record.provision();
    if (record.desired().spec().provision().isEmpty()) {
      return condition(record, type, Status.TRUE, "NoSteps", "", now);
    }
    if (needed || ended == null) {
      return condition(
          record, type, Status.FALSE, "Pending", "its steps have not run on this disk", now);
    }
    return switch (ended.result()) {
      case SUCCEEDED -> condition(record, type, Status.TRUE, "Succeeded", "", now);
      case FAILED -> condition(record, type, Status.FALSE, "StepFailed", ended.message(), now);
      case SKIPPED -> condition(record, type, Status.FALSE, "Skipped", ended.message(), now);
    };
  }

  /**
   * The error's code as one CamelCase word: {@code image.not_found} becomes {@code ImageNotFound}.
   */
  static String reason(Failure failure) {
    StringBuilder word = new StringBuilder();
    for (String part : failure.code().text().split("[._]")) {
      word.append(part.substring(0, 1).toUpperCase(Locale.ROOT)).append(part.substring(1));
    }
    return word.toString();
  }

  private static Condition condition(
      VmRecord record, Type type, Status status, String reason, String message, Instant now) {
    return new Condition(type, status, reason, message, record.desired().generation(), now);
  }
}
