package dev.vmctl.controller;

import dev.vmctl.api.PruneView;
import dev.vmctl.api.SourceRemoval;
import dev.vmctl.host.Log;
import dev.vmctl.model.Declaration;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.SourceId;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import dev.vmctl.source.RemoteSource;
import dev.vmctl.source.RemoteState;
import dev.vmctl.source.Snapshot;
import dev.vmctl.source.Snapshot.Trust;
import dev.vmctl.source.Source;
import dev.vmctl.store.VmRecord;
import dev.vmctl.store.VmStore;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.function.Consumer;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * Keeps the records true to one watched source.
 *
 * <p>Additions and edits are recorded at once; removals, and edits that would disturb a running
 * guest, only once the source has been unchanged for the settle time. A snapshot that cannot be
 * trusted whole removes nothing; of what another does not declare any more the {@link PruneGuard}
 * may ask a person first.
 */
final class SourceSync {
  private static final System.Logger log = Log.of(SourceSync.class);

  private final Source source;
  private final EngineParts parts;
  private final EngineSettings settings;
  private final VmStore store;
  private final Intents intents;
  private final Events events;
  private final SourceProblems problems;
  private final Order order;
  private final Consumer<VmName> wake;

  private @Nullable Snapshot last;
  private Instant changedAt = Instant.MIN;
  private String identity = "";
  private final Map<VmName, Declaration> recorded = new HashMap<>();
  private final Map<VmName, String> refused = new HashMap<>();
  private final PruneGuard guard;
  private boolean ended;

  SourceSync(
      Source source,
      EngineParts parts,
      EngineSettings settings,
      VmStore store,
      Intents intents,
      Events events,
      VmRuntimes runtimes,
      Order order,
      Consumer<VmName> wake) {
    this.source = source;
    this.parts = parts;
    this.settings = settings;
    this.store = store;
    this.intents = intents;
    this.events = events;
    this.problems = new SourceProblems(source.id(), events, runtimes, wake);
    this.guard = new PruneGuard(source.id(), events);
    this.order = order;
    this.wake = wake;
  }

  SourceId id() {
    return source.id();
  }

  Source source() {
    return source;
  }

  /** What it was seen to declare last; null before the first look. */
  synchronized @Nullable Snapshot last() {
    return last;
  }

  /** Whether the source could be read when it was looked at last. */
  synchronized boolean isReadable() {
    return last != null && last.trust() != Trust.UNKNOWN;
  }

  /** Why VMs that it declares are not recorded as its own; empty when all are. */
  synchronized List<String> refusals() {
    return refused.keySet().stream().sorted().map(refused::get).toList();
  }

  synchronized EngineStats.Source stats() {
    if (!(source instanceof RemoteSource remote)) {
      return new EngineStats.Source(source.id().toString(), isReadable(), isReadable(), null);
    }
    RemoteState state = remote.state();
    boolean current = !state.commit().isEmpty() && state.commit().equals(state.wanted());
    return new EngineStats.Source(source.id().toString(), isReadable(), current, state.reachedAt());
  }

  /**
   * Looks at the source and records what follows.
   *
   * @return when to look again, because something waits for the source to settle; zero when nothing
   *     does
   */
  synchronized Duration sync() {
    if (ended) {
      return Duration.ZERO;
    }
    Instant now = parts.timeline().now();
    Snapshot snapshot = source.read();
    Snapshot before = last;
    boolean changed = before == null || !before.equals(snapshot);
    last = snapshot;
    if (changed) {
      changedAt = parts.timeline().steady();
      problems.tell(snapshot, before);
    }
    if (snapshot.trust() == Trust.UNKNOWN) {
      problems.note(snapshot, inventory());
      return Duration.ZERO;
    }
    if (identity.isEmpty()) {
      identity = store.sourceIdentity(source.id()).orElse("");
    }
    if (identity.isEmpty()) {
      identify(snapshot.identity());
    }
    // Not only what has changed in the source: what it declares may have been refused before, or
    // failed to be recorded, or be gone.
    declareAll(snapshot, now);
    if (changed) {
      problems.note(snapshot, inventory());
    }
    return settle(snapshot, now);
  }

  /** Which directory it is: a daemon before us may have known it already. */
  private void identify(String found) {
    if (!found.isEmpty() && !found.equals(identity)) {
      identity = found;
      store.keepSourceIdentity(source.id(), found);
    }
  }

  private void declareAll(Snapshot snapshot, Instant now) {
    Set<VmName> names = new HashSet<>();
    for (Declaration declaration : snapshot.declarations()) {
      VmName name = declaration.name();
      names.add(name);
      try {
        if (!isRecorded(declaration)) {
          declare(declaration, now);
        }
        refused.remove(name);
      } catch (VmException e) {
        // One VM that cannot be recorded must not keep the others from it.
        recorded.remove(name);
        if (!e.getMessage().equals(refused.put(name, e.getMessage()))) {
          String reason = e.code() == ErrorCode.VM_NAME_TAKEN ? "NameTaken" : "NotRecorded";
          events.warning(name, reason, e.getMessage() + "; " + e.help());
        }
      }
    }
    recorded.keySet().retainAll(names);
    refused.keySet().retainAll(names);
  }

  private boolean isRecorded(Declaration declaration) {
    return declaration.equals(recorded.get(declaration.name()))
        && store
            .read(declaration.name())
            .filter(record -> isOurs(record) && record.removal() == null)
            .isPresent();
  }

  private boolean isOurs(VmRecord record) {
    return record.source().equals(source.id());
  }

  /** What came back from the trash belongs to whoever declares it next. */
  private boolean mayDeclare(VmRecord record) {
    return isOurs(record) || record.source().equals(SourceId.restored());
  }

  private void declare(Declaration declaration, Instant now) {
    VmRecord before = store.read(declaration.name()).orElse(null);
    VmRecord after =
        store.update(
            declaration.name(),
            record -> {
              // Here, as somebody may have taken the name since we looked.
              if (record != null && !mayDeclare(record)) {
                throw taken(declaration, record);
              }
              return intents.declare(record, declaration, source.id(), false, now);
            });
    recorded.put(declaration.name(), declaration);
    if (after != null && !after.equals(before)) {
      wake.accept(declaration.name());
    }
  }

  private static VmException taken(Declaration declaration, VmRecord record) {
    return new VmException(
        ErrorCode.VM_NAME_TAKEN,
        declaration.file()
            + ":"
            + declaration.line()
            + " declares "
            + declaration.name()
            + ", which belongs to "
            + record.source(),
        "rename one of the two, or destroy the other first");
  }

  private Duration settle(Snapshot snapshot, Instant now) {
    List<VmRecord> inventory = inventory();
    List<VmName> missing = missing(snapshot, inventory);
    // From the records: an engine before us may have gone before it could settle them.
    List<VmName> unsettled =
        inventory.stream()
            .filter(record -> !record.desired().settled())
            .map(VmRecord::name)
            .toList();
    boolean moved = !identity.equals(snapshot.identity());
    boolean whole = snapshot.trust() == Trust.COMPLETE;
    if (missing.isEmpty() && whole) {
      guard.nothingMissing();
    }
    if (missing.isEmpty() && unsettled.isEmpty() && !moved) {
      guard.forgetRefusal();
      return Duration.ZERO;
    }
    Duration left = Duration.between(parts.timeline().steady(), changedAt.plus(settings.settle()));
    if (left.isPositive()) {
      return left;
    }
    if (missing.isEmpty() && whole) {
      // Another directory that declares all that the old one did stands for it from now on.
      guard.forgetRefusal();
      identify(snapshot.identity());
    }
    for (VmName name : unsettled) {
      store.update(name, record -> record == null ? null : intents.settle(record));
      wake.accept(name);
    }
    if (!missing.isEmpty()
        && guard.allows(missing, inventory.size(), moved && !identity.isEmpty())) {
      order.downwards(missing).forEach(name -> remove(name, now));
    }
    return Duration.ZERO;
  }

  /** VMs of this source that a snapshot, if it is whole, does not declare any more. */
  private static List<VmName> missing(Snapshot snapshot, List<VmRecord> inventory) {
    if (snapshot.trust() != Trust.COMPLETE) {
      return List.of();
    }
    Set<VmName> declared =
        snapshot.declarations().stream().map(Declaration::name).collect(Collectors.toSet());
    return inventory.stream().map(VmRecord::name).filter(name -> !declared.contains(name)).toList();
  }

  /** The VMs that belong to this source and are not being removed already. */
  private List<VmRecord> inventory() {
    List<VmRecord> ours = new ArrayList<>();
    for (VmName name : store.names()) {
      read(name).filter(record -> isOurs(record) && record.removal() == null).ifPresent(ours::add);
    }
    return ours;
  }

  /** A record that cannot be read is of nobody; its own reconcile says what is wrong with it. */
  private Optional<VmRecord> read(VmName name) {
    try {
      return store.read(name);
    } catch (VmException e) {
      log.log(System.Logger.Level.DEBUG, "{0} is left out: {1}", name, e.getMessage());
      return Optional.empty();
    }
  }

  /** What a person has to decide upon. */
  synchronized Optional<PruneView> prunable() {
    return guard.view(missing());
  }

  private List<VmName> missing() {
    Snapshot seen = last;
    return seen == null ? List.of() : missing(seen, inventory());
  }

  /**
   * A person has decided: removes what was refused, as far as it is still not declared.
   *
   * @throws VmException source.prune_refused when the source cannot be read whole now
   */
  synchronized Optional<PruneView> prune() {
    Snapshot seen = last;
    if (guard.asks() && (seen == null || seen.trust() != Trust.COMPLETE)) {
      throw new VmException(
          ErrorCode.PRUNE_REFUSED,
          source.id() + " cannot be read whole now, nothing of it is removed",
          "mend it first: 'vmctl source list' says what is wrong");
    }
    Optional<PruneView> decided = prunable();
    if (decided.isPresent() && seen != null) {
      Instant now = parts.timeline().now();
      order.downwards(guard.waiting(missing())).forEach(name -> remove(name, now));
      identify(seen.identity());
      guard.decided();
    }
    return decided;
  }

  /** It is followed no more: nothing is recorded or said of its VMs by it. */
  synchronized void leave() {
    ended = true;
    problems.forget(inventory());
  }

  /** Nobody will follow it again: its VMs go, or stay as they are and are nobody's. */
  synchronized SourceRemoval end(boolean prune) {
    List<VmName> ours = inventory().stream().map(VmRecord::name).toList();
    if (prune) {
      order.downwards(ours).forEach(name -> remove(name, parts.timeline().now()));
    }
    List<VmName> kept = inventory().stream().map(VmRecord::name).toList();
    for (VmName name : kept) {
      store.change(
          name, record -> isOurs(record) ? record.withSource(SourceId.restored()) : record);
      wake.accept(name);
    }
    return new SourceRemoval(
        source.name(),
        kept.stream().map(VmName::value).toList(),
        ours.stream().filter(name -> !kept.contains(name)).map(VmName::value).toList());
  }

  private void remove(VmName name, Instant now) {
    try {
      store.update(
          name,
          record ->
              record == null || !isOurs(record)
                  ? record
                  : intents.undeclared(record, settings.stopGrace(), now));
    } catch (VmException e) {
      if (e.code() != ErrorCode.DESTROY_PREVENTED) {
        throw e;
      }
      events.warning(name, "DestroyPrevented", "no longer declared, and kept: " + e.getMessage());
      return;
    }
    events.normal(name, "Undeclared", "no longer declared by " + source.id());
    wake.accept(name);
  }
}
