package dev.vmctl.controller;

import dev.vmctl.hypervisor.Observation;
import dev.vmctl.model.Condition;
import dev.vmctl.model.Dependency;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import dev.vmctl.plan.Situation.Power;
import dev.vmctl.store.Applied;
import dev.vmctl.store.Failure;
import dev.vmctl.store.VmRecord;
import dev.vmctl.store.VmStore;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Deque;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;

/**
 * In which order VMs of one source come up and go down. A VM starts when those it depends on are as
 * far as it says; a VM that is to go down waits for those that depend on it and are to go down too.
 * What runs is never stopped because what it depends on is gone.
 */
final class Order {
  /** Long enough for a hypervisor that answers at all. */
  private static final Duration PATIENCE = Duration.ofSeconds(1);

  private final EngineParts parts;
  private final VmStore store;
  private final Observing observing;
  private final VmRuntimes runtimes;
  private final Predicate<VmName> scope;
  private final Map<VmName, Set<VmName>> dependents = new ConcurrentHashMap<>();
  private boolean complete;

  Order(
      EngineParts parts,
      VmStore store,
      Observing observing,
      VmRuntimes runtimes,
      Predicate<VmName> scope) {
    this.parts = parts;
    this.store = store;
    this.observing = observing;
    this.runtimes = runtimes;
    this.scope = scope;
  }

  /**
   * Why it may not start yet; {@link Activity#NONE} when it may.
   *
   * @throws VmException vm.dependency_failed when waiting is in vain until somebody does something
   */
  Activity beforeStart(VmRecord record) {
    for (Dependency each : record.desired().spec().policy().dependsOn()) {
      VmRecord other = read(each.on()).filter(found -> isOfSameSource(found, record)).orElse(null);
      if (other == null) {
        throw inVain(record, each, "there is no such VM in " + record.source());
      }
      if (!isAsFar(other, each.until())) {
        String hopeless = hopeless(other);
        if (hopeless != null) {
          throw inVain(record, each, hopeless);
        }
        return waitingFor(each.on(), " until it is " + each.until().text());
      }
    }
    return Activity.NONE;
  }

  static Activity waitingFor(VmName other, String what) {
    return new Activity(Activity.Kind.DEPENDENCY, "waiting for VM " + other + what);
  }

  private static VmException inVain(VmRecord record, Dependency on, String why) {
    return new VmException(
        ErrorCode.DEPENDENCY_FAILED,
        record.name() + " waits for " + on.on() + " until it is " + on.until().text() + ": " + why,
        "see 'vmctl status " + on.on() + "'; as soon as it is so far, this one follows by itself");
  }

  private static @Nullable String hopeless(VmRecord other) {
    if (other.removal() != null) {
      return "it is being removed";
    }
    if (Observing.power(other) != Power.RUNNING) {
      return "it is held " + other.holds().getFirst().kind().text();
    }
    Failure failure = other.failure();
    if (failure != null && failure.stalled()) {
      return failure.message();
    }
    return other.staysEnded() ? Endings.message(other) : null;
  }

  private boolean isAsFar(VmRecord other, Dependency.Until until) {
    Applied applied = other.applied();
    if (applied == null || !applied.running() || !isSeenRunning(other)) {
      return false;
    }
    return switch (until) {
      case RUNNING -> true;
      case READY -> applied.isReady();
      case PROVISIONED ->
          applied.isReady()
              && other
                  .condition(Condition.Type.PROVISIONED)
                  .map(condition -> condition.status() == Condition.Status.TRUE)
                  .orElse(false);
    };
  }

  /** What is written down may be of before the host's last boot: only what is seen counts. */
  private boolean isSeenRunning(VmRecord other) {
    Observation seen = runtimes.of(other.name()).seen;
    if (seen == null && !scope.test(other.name())) {
      seen =
          parts
              .hypervisors()
              .of(Observing.specThatRuns(other))
              .peek(observing.handle(other), PATIENCE);
    }
    return seen instanceof Observation.Running;
  }

  /** Why it may not go down yet, in words; empty when it may. */
  Activity beforeStop(VmRecord record) {
    if (!goesDown(record)) {
      return Activity.NONE;
    }
    for (VmName name : dependentsOf(record.name())) {
      Optional<VmRecord> other =
          read(name)
              .filter(found -> isOfSameSource(found, record) && goesDown(found))
              .filter(found -> dependsOn(found, record.name()) && scope.test(name));
      if (other.isPresent() && isUp(other.get())) {
        return waitingFor(name, " to go down first");
      }
    }
    return Activity.NONE;
  }

  private boolean isUp(VmRecord other) {
    Applied applied = other.applied();
    Observation seen = runtimes.of(other.name()).seen;
    boolean gone = seen instanceof Observation.Absent || seen instanceof Observation.Exited;
    return applied != null && applied.running() && !gone;
  }

  private static boolean goesDown(VmRecord record) {
    return record.removal() != null || Observing.power(record) == Power.STOPPED;
  }

  private static boolean dependsOn(VmRecord record, VmName on) {
    return record.desired().spec().policy().dependsOn().stream()
        .anyMatch(each -> each.on().equals(on));
  }

  /** A VM was looked at: notes what it waits for. */
  void note(VmRecord record) {
    for (Dependency each : record.desired().spec().policy().dependsOn()) {
      dependents
          .computeIfAbsent(each.on(), name -> ConcurrentHashMap.newKeySet())
          .add(record.name());
    }
  }

  /** Those that may depend on it; each is held against its record. */
  private synchronized Set<VmName> dependentsOf(VmName name) {
    if (!complete) {
      store.names().forEach(each -> read(each).ifPresent(this::note));
      complete = true;
    }
    return dependents.getOrDefault(name, Set.of());
  }

  /** All that a VM depends on, directly or not, in the order in which they come up. */
  List<VmName> dependencies(VmRecord record) {
    List<VmRecord> open = new ArrayList<>(List.of(record));
    Set<VmName> seen = new LinkedHashSet<>();
    while (!open.isEmpty()) {
      VmRecord next = open.removeLast();
      if (seen.add(next.name())) {
        for (Dependency each : next.desired().spec().policy().dependsOn()) {
          read(each.on()).filter(other -> isOfSameSource(other, record)).ifPresent(open::add);
        }
      }
    }
    seen.remove(record.name());
    return new ArrayList<>(seen).reversed();
  }

  /** The same VMs, those that depend on others before these: so they are told to go down. */
  List<VmName> downwards(List<VmName> names) {
    Map<VmName, List<VmName>> needs = new LinkedHashMap<>();
    Map<VmName, Integer> waiting = new HashMap<>();
    for (VmName name : names) {
      List<VmName> on =
          read(name).stream()
              .flatMap(record -> record.desired().spec().policy().dependsOn().stream())
              .map(Dependency::on)
              .filter(names::contains)
              .toList();
      needs.put(name, on);
      on.forEach(each -> waiting.merge(each, 1, Integer::sum));
    }
    List<VmName> ordered = new ArrayList<>();
    Deque<VmName> free = new ArrayDeque<>();
    names.stream().filter(name -> !waiting.containsKey(name)).forEach(free::add);
    while (!free.isEmpty()) {
      VmName next = free.remove();
      ordered.add(next);
      for (VmName on : needs.getOrDefault(next, List.of())) {
        if (waiting.merge(on, -1, Integer::sum) == 0) {
          free.add(on);
        }
      }
    }
    // What is left waits in a circle, which no source lets through.
    names.stream().filter(name -> !ordered.contains(name)).forEach(ordered::add);
    return ordered;
  }

  private static boolean isOfSameSource(VmRecord one, VmRecord other) {
    return Objects.equals(one.source(), other.source());
  }

  private Optional<VmRecord> read(VmName name) {
    try {
      return store.read(name);
    } catch (VmException e) {
      // Whoever asks for that VM itself is told; here it counts as not there.
      return Optional.empty();
    }
  }
}
