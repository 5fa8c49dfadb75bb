package dev.vmctl.api;

import java.time.Instant;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a VM should have been; the component names are the stable JSON fields of {@code history}.
 *
 * @param pinnedTo the generation whose declaration is in force because of a rollback; null when
 *     that of the VMFile is
 * @param generations the newest first; the oldest are forgotten
 */
public record HistoryView(String vm, @Nullable Long pinnedTo, List<GenerationView> generations) {
  public HistoryView {
    generations = List.copyOf(generations);
  }

  /**
   * @param changedAt when it became so
   * @param current whether it is in force
   * @param applied whether it was carried out
   * @param rollbackOf the generation whose declaration it repeats; null for one that was declared
   * @param declaredAt {@code file:line}; null when nobody knows
   * @param revision the commit that declared it; null without one
   * @param imageDigest its base image; null without one, or when it was not applied
   * @param trashed id of its disk in the trash, which a rollback takes back; null when it is not
   *     there
   * @param changes against the one before, as far as that is kept
   */
  public record GenerationView(
      long generation,
      Instant changedAt,
      boolean current,
      boolean applied,
      @Nullable Long rollbackOf,
      @Nullable String declaredAt,
      @Nullable String revision,
      @Nullable String imageDigest,
      @Nullable String trashed,
      List<PlanView.FieldChange> changes) {
    public GenerationView {
      changes = List.copyOf(changes);
    }
  }
}
