package dev.vmctl.plan;

import dev.vmctl.model.VmSpec;
import dev.vmctl.plan.Situation.Power;
import dev.vmctl.plan.Situation.Seen;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A situation in the making: at first that of a VM that is declared, and of which nothing was made.
 */
final class SituationDraft {
  private final VmSpec desired;
  private UUID disk;
  private @Nullable VmSpec applied;
  private @Nullable UUID appliedDisk;
  private boolean current;
  private Seen seen = Seen.ABSENT;
  private Power power = Power.RUNNING;
  private boolean removal;
  private boolean settled = true;
  private boolean mayStart = true;
  private boolean ready;
  private boolean provisionNeeded;
  private Ability can = Ability.NONE;
  private boolean saved;
  private String task = "";

  private SituationDraft(VmSpec desired, UUID disk) {
    this.desired = desired;
    this.disk = disk;
  }

  static SituationDraft of(VmSpec desired, UUID disk) {
    return new SituationDraft(desired, disk);
  }

  static SituationDraft like(Situation other) {
    return of(other.desired(), other.desiredDisk())
        .applied(other.applied(), other.appliedDisk())
        .current(other.current())
        .seen(other.seen())
        .power(other.power())
        .removal(other.removal())
        .settled(other.settled())
        .mayStart(other.mayStart())
        .ready(other.ready())
        .provisionNeeded(other.provisionNeeded())
        .can(other.can())
        .saved(other.saved())
        .task(other.task());
  }

  SituationDraft disk(UUID wanted) {
    disk = wanted;
    return this;
  }

  SituationDraft applied(@Nullable VmSpec spec, @Nullable UUID on) {
    applied = spec;
    appliedDisk = on;
    return this;
  }

  SituationDraft current(boolean value) {
    current = value;
    return this;
  }

  SituationDraft seen(Seen value) {
    seen = value;
    return this;
  }

  SituationDraft power(Power value) {
    power = value;
    return this;
  }

  SituationDraft removal(boolean value) {
    removal = value;
    return this;
  }

  SituationDraft settled(boolean value) {
    settled = value;
    return this;
  }

  SituationDraft mayStart(boolean value) {
    mayStart = value;
    return this;
  }

  SituationDraft ready(boolean value) {
    ready = value;
    return this;
  }

  SituationDraft provisionNeeded(boolean value) {
    provisionNeeded = value;
    return this;
  }

  SituationDraft can(Ability value) {
    can = value;
    return this;
  }

  SituationDraft saved(boolean value) {
    saved = value;
    return this;
  }

  SituationDraft task(String value) {
    task = value;
    return this;
  }

  Situation make() {
    return new Situation(
        desired,
        disk,
        applied,
        appliedDisk,
        current,
        seen,
        power,
        removal,
        settled,
        mayStart,
        ready,
        provisionNeeded,
        can,
        saved,
        task);
  }
}
