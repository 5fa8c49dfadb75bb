package dev.vmctl.controller;

import dev.vmctl.controller.Operations.Operation;
import dev.vmctl.guest.GuestChange;
import dev.vmctl.guest.SshTarget;
import dev.vmctl.hypervisor.Adjusted;
import dev.vmctl.hypervisor.Adjustment;
import dev.vmctl.hypervisor.Hypervisor;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.Field;
import dev.vmctl.model.MacAddress;
import dev.vmctl.model.NicSpec;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmSpec;
import dev.vmctl.plan.FieldChange;
import dev.vmctl.store.Applied;
import dev.vmctl.store.Desired;
import dev.vmctl.store.VmRecord;
import java.util.HashSet;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.stream.Collectors;

/**
 * Changes a guest that runs: has the guest let go of what is taken from it, has the hypervisor make
 * the change, has the guest take it into use. What one of them refuses is left to a restart.
 */
final class Adjusting {
  private final EngineParts parts;
  private final DataDisks dataDisks;
  private final Events events;

  Adjusting(EngineParts parts, DataDisks dataDisks, Events events) {
    this.parts = parts;
    this.dataDisks = dataDisks;
    this.events = events;
  }

  /**
   * How it ended.
   *
   * @param fields that were to be changed
   */
  record Result(Desired target, Set<Field<?>> fields, Adjusted ended) {}

  /**
   * @param record with what is to be applied as its desired state
   * @param target the way into the guest; empty when there is none
   */
  Operation begin(
      VmRecord record,
      VmHandle vm,
      Hypervisor hypervisor,
      List<FieldChange> changes,
      Optional<SshTarget> target) {
    Applied applied = Objects.requireNonNull(record.applied());
    Desired desired = record.desired();
    Set<Field<?>> fields =
        changes.stream()
            .filter(FieldChange::isMadeLive)
            .map(FieldChange::field)
            .collect(Collectors.toCollection(HashSet::new));
    VmSpec from = applied.spec();
    VmSpec to = from.with(fields, desired.spec());
    dataDisks.makeNew(record, to);
    GuestChange change = new GuestChange(from, to, newCards(record, from, to));
    boolean takesDisks =
        from.disks().stream()
            .anyMatch(had -> to.disks().stream().noneMatch(d -> d.name().equals(had.name())));
    CompletableFuture<Map<Field<?>, String>> free =
        takesDisks && target.isPresent()
            ? parts.guests().letGo(target.get(), change)
            : CompletableFuture.completedFuture(Map.of());
    CompletableFuture<Result> whole =
        free.thenCompose(
            kept -> {
              VmSpec allowed = to.with(kept.keySet(), from);
              Adjustment adjustment =
                  new Adjustment(vm, from, allowed, dataDisks.of(record, allowed));
              return hypervisor
                  .adjust(adjustment)
                  .thenCompose(done -> inGuest(target, from, allowed, change, done))
                  .thenApply(done -> new Result(desired, fields, and(done, kept)));
            });
    return new Operation(
        Operations.Kind.ADJUST,
        Long.toString(desired.generation()),
        "changing "
            + fields.stream().map(Field::path).sorted().collect(Collectors.joining(", "))
            + " as it runs",
        whole);
  }

  private CompletableFuture<Adjusted> inGuest(
      Optional<SshTarget> target, VmSpec from, VmSpec to, GuestChange change, Adjusted done) {
    VmSpec made = to.with(done.refused().keySet(), from);
    if (target.isEmpty() || !concernsGuest(from, made)) {
      return CompletableFuture.completedFuture(done);
    }
    return parts
        .guests()
        .adapt(target.get(), new GuestChange(from, made, change.newCards()))
        .thenApply(refused -> and(done, refused));
  }

  /** Memory and ports change with no help of the guest's. */
  private static boolean concernsGuest(VmSpec from, VmSpec to) {
    Set<Field<?>> outside = Set.of(VmFields.MEMORY, VmFields.FORWARD);
    return VmFields.ALL.stream()
        .filter(field -> !outside.contains(field))
        .anyMatch(field -> !Objects.equals(field.effective(from), field.effective(to)));
  }

  private static Adjusted and(Adjusted done, Map<Field<?>, String> refused) {
    Map<Field<?>, String> all = new LinkedHashMap<>(done.refused());
    all.putAll(refused);
    return new Adjusted(done.facts(), all);
  }

  private static List<MacAddress> newCards(VmRecord record, VmSpec from, VmSpec to) {
    return to.nics().stream()
        .filter(nic -> !from.nics().contains(nic))
        .map((NicSpec nic) -> nic.address(record.uuid()))
        .toList();
  }

  /** The record after it: what was refused stays as it was, and is not tried live again. */
  VmRecord after(VmRecord record, Result result) {
    Applied had = record.applied();
    if (had == null) {
      return record;
    }
    Set<Field<?>> done = new HashSet<>(result.fields());
    done.removeAll(result.ended().refused().keySet());
    VmSpec spec = had.spec().with(done, result.target().spec());
    if (!done.isEmpty()) {
      dataDisks.retire(record.withDesired(result.target()), spec);
      events.normal(record.name(), "Changed", paths(done) + " changed while it ran");
    }
    result
        .ended()
        .refused()
        .forEach(
            (field, why) ->
                events.warning(
                    record.name(),
                    "LiveChangeRefused",
                    field.path() + " cannot be changed while it runs: " + why));
    return record.withApplied(
        had.adjusted(
            spec,
            result.ended().facts(),
            result.ended().refused().keySet().stream().map(Field::path).toList()));
  }

  private static String paths(Set<Field<?>> fields) {
    return fields.stream().map(Field::path).sorted().collect(Collectors.joining(", "));
  }
}
