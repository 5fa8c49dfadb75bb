package dev.vmctl.controller;

import dev.vmctl.api.DiffView;
import dev.vmctl.api.HistoryView;
import dev.vmctl.api.HistoryView.GenerationView;
import dev.vmctl.api.PlanView;
import dev.vmctl.disk.TrashEntry;
import dev.vmctl.model.Change;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import dev.vmctl.model.Withheld;
import dev.vmctl.plan.Ability;
import dev.vmctl.plan.Differences;
import dev.vmctl.plan.FieldChange;
import dev.vmctl.store.PastGeneration;
import dev.vmctl.store.Pin;
import dev.vmctl.store.VmRecord;
import dev.vmctl.store.VmStore;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeSet;
import org.jspecify.annotations.Nullable;

/** What a VM should have been before, and how that differs from now. Changes nothing. */
final class Past {
  private final EngineParts parts;
  private final VmStore store;
  private final Observing observing;
  private final DiskOrigins origins;

  Past(EngineParts parts, VmStore store, Observing observing) {
    this.parts = parts;
    this.store = store;
    this.observing = observing;
    this.origins = new DiskOrigins(parts);
  }

  HistoryView history(VmRecord record) {
    List<PastGeneration> all = all(record);
    Ability can = ability(record);
    List<GenerationView> views = new ArrayList<>();
    PastGeneration before = null;
    for (PastGeneration each : all) {
      views.addFirst(view(record, each, before, can));
      before = each;
    }
    Pin pin = record.desired().pin();
    return new HistoryView(record.name().value(), pin == null ? null : pin.to(), views);
  }

  /** Past ones and the present one, the oldest first. */
  private List<PastGeneration> all(VmRecord record) {
    List<PastGeneration> all = new ArrayList<>(past(record));
    all.add(PastGeneration.of(record, parts.timeline().now()));
    return all;
  }

  /** Those that another one has followed; a crash may have kept the present one already. */
  List<PastGeneration> past(VmRecord record) {
    return store.history(record.name()).stream()
        .filter(each -> each.generation() < record.desired().generation())
        .toList();
  }

  private GenerationView view(
      VmRecord record, PastGeneration each, @Nullable PastGeneration before, Ability can) {
    boolean current = each.generation() == record.desired().generation();
    return new GenerationView(
        each.generation(),
        each.changedAt(),
        current,
        each.applied(),
        each.pinnedTo(),
        each.declaredAt(),
        each.revision(),
        each.imageDigest(),
        current || each.diskId() == null
            ? null
            : origins.kept(record, each.diskId()).map(TrashEntry::id).orElse(null),
        before == null ? List.of() : changes(before, each, can));
  }

  /**
   * How what is in force differs from that generation.
   *
   * @param generation null for the one before
   */
  DiffView diff(VmRecord record, @Nullable Long generation) {
    List<PastGeneration> all = all(record);
    PastGeneration now = all.getLast();
    PastGeneration then =
        generation == null ? before(record.name(), all) : find(record.name(), all, generation);
    Ability can = ability(record);
    Change back =
        Differences.between(now.spec(), then.spec(), can).stream()
            .map(FieldChange::change)
            .reduce(Change.NONE, Change::and);
    return new DiffView(
        record.name().value(),
        then.generation(),
        now.generation(),
        changes(then, now, can),
        files(then.inputs(), now.inputs()),
        now.generation() == then.generation() ? List.of() : List.copyOf(unknown(then, now)),
        back.text());
  }

  private static PastGeneration before(VmName name, List<PastGeneration> all) {
    if (all.size() < 2) {
      throw new VmException(
          ErrorCode.GENERATION_UNKNOWN,
          name + " has no generation before its present one",
          "there is one after the first edit of its VMFile");
    }
    return all.get(all.size() - 2);
  }

  /**
   * @throws VmException vm.generation_unknown, its help naming those that there are
   */
  static PastGeneration find(VmName name, List<PastGeneration> all, long generation) {
    return all.stream()
        .filter(each -> each.generation() == generation)
        .findFirst()
        .orElseThrow(
            () ->
                new VmException(
                    ErrorCode.GENERATION_UNKNOWN,
                    "no generation " + generation + " of " + name + " is kept",
                    all.isEmpty()
                        ? "none is: there is one after the first edit of its VMFile"
                        : "'vmctl history " + name + "' shows those that are"));
  }

  private static List<PlanView.FieldChange> changes(
      PastGeneration from, PastGeneration to, Ability can) {
    return Differences.between(from.spec(), to.spec(), can).stream().map(Inspection::view).toList();
  }

  private static List<DiffView.FileChange> files(Map<String, String> from, Map<String, String> to) {
    Set<String> paths = new TreeSet<>(from.keySet());
    paths.addAll(to.keySet());
    return paths.stream()
        .filter(path -> !Objects.equals(from.get(path), to.get(path)))
        .map(path -> new DiffView.FileChange(path, from.get(path), to.get(path)))
        .toList();
  }

  private static Set<String> unknown(PastGeneration then, PastGeneration now) {
    Set<String> both = new TreeSet<>(Withheld.names(then.spec()));
    both.retainAll(Withheld.names(now.spec()));
    return then.hash().equals(now.hash()) ? Set.of() : both;
  }

  private Ability ability(VmRecord record) {
    return observing.ability(record, parts.hypervisors().of(Observing.specThatRuns(record)));
  }
}
