package dev.vmctl.controller;

import dev.vmctl.api.LabelChange;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.FieldValues;
import dev.vmctl.model.Labels;
import dev.vmctl.model.SourceId;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmSpec;
import dev.vmctl.store.Applied;
import dev.vmctl.store.Desired;
import dev.vmctl.store.SpecHash;
import dev.vmctl.store.VmRecord;
import java.time.Instant;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.TreeMap;

/**
 * How labels that people give by hand go together with those that a VMFile declares: a label that
 * is declared is changed where it is declared, any other by hand, and it stays until a VMFile
 * declares it. The labels of a VM that was made by hand are all changed by hand.
 */
final class LabelsByHand {
  private LabelsByHand() {}

  /** All the labels of a VM. */
  static Map<String, String> all(VmRecord record) {
    Map<String, String> all = new TreeMap<>(record.labels());
    all.putAll(record.desired().spec().labels());
    return all;
  }

  /** What is left of those given by hand beside a declaration. */
  static Map<String, String> beside(VmSpec declared, Map<String, String> byHand) {
    Map<String, String> left = new TreeMap<>(byHand);
    left.keySet().removeAll(declared.labels().keySet());
    return left;
  }

  /**
   * @throws VmException vm.still_declared for a label that a VMFile declares; usage for what is no
   *     label
   */
  static VmRecord change(VmRecord record, LabelChange change, SpecHash hashes, Instant now) {
    check(change);
    if (record.source().kind() == SourceId.Kind.CLI) {
      return redeclared(record, change.on(all(record)), hashes, now);
    }
    Map<String, String> declared = record.desired().spec().labels();
    change.keys().filter(declared::containsKey).findFirst().ifPresent(key -> refuse(record, key));
    return record.withLabels(change.on(record.labels()));
  }

  private static void check(LabelChange change) {
    change.keys().forEach(key -> Labels.keyProblem(key).ifPresent(why -> wrong(key, why)));
    change
        .set()
        .values()
        .forEach(value -> Labels.valueProblem(value).ifPresent(why -> wrong(value, why)));
  }

  private static void wrong(String text, String why) {
    throw new VmException(
        ErrorCode.USAGE,
        "'" + text + "' cannot be part of a label: " + why,
        "write key=value, as in Kubernetes");
  }

  private static void refuse(VmRecord record, String key) {
    String place = record.desired().declaredAt();
    throw new VmException(
        ErrorCode.VM_STILL_DECLARED,
        "the label '"
            + key
            + "' of "
            + record.name()
            + " is declared in "
            + Objects.requireNonNullElse(place, record.source().toString()),
        "change it there; labels that are not declared can be changed by hand");
  }

  /** A label changes nothing of what runs: a VM that is as declared is so afterwards. */
  private static VmRecord redeclared(
      VmRecord record, Map<String, String> labels, SpecHash hashes, Instant now) {
    Desired before = record.desired();
    if (labels.equals(before.spec().labels())) {
      return record;
    }
    FieldValues values =
        new FieldValues().with(VmFields.LABELS, labels.isEmpty() ? null : Map.copyOf(labels));
    VmSpec spec = before.spec().with(Set.of(VmFields.LABELS), VmSpec.of(record.name(), values));
    Desired next = before.redeclared(spec, hashes.of(spec, before.inputs()), now);
    Applied applied = record.applied();
    return record
        .withLabels(Map.of())
        .withDesired(next)
        .withApplied(
            applied != null && applied.generation() == before.generation()
                ? applied.asDesired(next)
                : applied);
  }
}
