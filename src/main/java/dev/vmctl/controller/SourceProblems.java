package dev.vmctl.controller;

import dev.vmctl.model.Diagnostic;
import dev.vmctl.model.SourceId;
import dev.vmctl.model.VmName;
import dev.vmctl.source.Snapshot;
import dev.vmctl.source.Snapshot.Trust;
import dev.vmctl.store.VmRecord;
import java.util.HashSet;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Set;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jspecify.annotations.Nullable;

/** Says what is wrong with a source: in events, and in the conditions of its VMs. */
final class SourceProblems {
  private final SourceId source;
  private final Events events;
  private final VmRuntimes runtimes;
  private final Consumer<VmName> wake;

  SourceProblems(SourceId source, Events events, VmRuntimes runtimes, Consumer<VmName> wake) {
    this.source = source;
    this.events = events;
    this.runtimes = runtimes;
    this.wake = wake;
  }

  /** Tells what is wrong with it now and was not before. */
  void tell(Snapshot snapshot, @Nullable Snapshot before) {
    if (snapshot.trust() == Trust.UNKNOWN) {
      events.warning(
          null, "SourceUnknown", source + ": " + snapshot.why() + "; its VMs stay as they are");
    } else if (before != null && before.trust() == Trust.UNKNOWN) {
      events.normal(null, "SourceFound", source + " can be read again");
    }
    Set<Diagnostic> told = before == null ? Set.of() : new HashSet<>(before.diagnostics());
    for (Diagnostic problem : snapshot.diagnostics()) {
      if (!told.contains(problem)) {
        events.warning(null, "SourceInvalid", problem.place() + ": " + problem.message());
      }
    }
  }

  /** The VMs of a broken file keep their last good declaration; their conditions say why. */
  void note(Snapshot snapshot, List<VmRecord> inventory) {
    boolean unknown = snapshot.trust() == Trust.UNKNOWN;
    note(
        inventory,
        record ->
            unknown ? source + " cannot be read: " + snapshot.why() : problem(snapshot, record));
  }

  /** These are its VMs no more. */
  void forget(List<VmRecord> former) {
    note(former, record -> "");
  }

  private void note(List<VmRecord> inventory, Function<VmRecord, String> problems) {
    Set<VmName> touched = new LinkedHashSet<>();
    for (VmRecord record : inventory) {
      VmName name = record.name();
      String problem = problems.apply(record);
      VmRuntime runtime = runtimes.of(name);
      if (!runtime.sourceProblem.equals(problem)) {
        runtime.sourceProblem = problem;
        touched.add(name);
      }
    }
    touched.forEach(wake);
  }

  private static String problem(Snapshot snapshot, VmRecord record) {
    if (snapshot.trust() == Trust.PARTIAL && !snapshot.why().isEmpty()) {
      return snapshot.why();
    }
    String declaredAt = record.desired().declaredAt();
    if (declaredAt == null) {
      return "";
    }
    boolean broken =
        snapshot.brokenFiles().stream().anyMatch(file -> isIn(declaredAt, file.toString()));
    return !broken
        ? ""
        : snapshot.diagnostics().stream()
            .filter(problem -> problem.isError() && isIn(declaredAt, problem.file().toString()))
            .map(problem -> problem.place() + ": " + problem.message())
            .findFirst()
            .orElse("its file cannot be used");
  }

  private static boolean isIn(String place, String file) {
    return place.equals(file) || place.startsWith(file + ":");
  }
}
