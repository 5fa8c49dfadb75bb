package dev.vmctl.controller;

import dev.vmctl.model.SourceId;
import dev.vmctl.model.VmName;
import dev.vmctl.store.PastGeneration;
import dev.vmctl.store.VmRecord;
import dev.vmctl.store.VmStore;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.TreeMap;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A store that outlives engines, not processes. */
final class MemoryStore implements VmStore {
  private final Map<VmName, VmRecord> records = new TreeMap<>();
  private final Map<VmName, List<PastGeneration>> past = new HashMap<>();
  private final Map<VmName, VmRecord> released = new HashMap<>();
  private final Map<SourceId, String> identities = new HashMap<>();

  /** Happens in another thread just before a VM is taken away. */
  Runnable onTakeAway = () -> {};

  /** Throws where a write shall fail. */
  Consumer<VmName> fault = name -> {};

  @Override
  public synchronized List<VmName> names() {
    return List.copyOf(records.keySet());
  }

  @Override
  public synchronized Optional<VmRecord> read(VmName name) {
    return Optional.ofNullable(records.get(name));
  }

  @Override
  public synchronized @Nullable VmRecord update(
      VmName name, Function<@Nullable VmRecord, @Nullable VmRecord> change) {
    VmRecord before = records.get(name);
    VmRecord after = change.apply(before);
    fault.accept(name);
    if (after != null) {
      if (before != null && before.desired().generation() != after.desired().generation()) {
        past.computeIfAbsent(name, each -> new ArrayList<>())
            .add(PastGeneration.of(before, after.desired().changedAt()));
      }
      records.put(name, after);
    }
    return records.get(name);
  }

  @Override
  public synchronized List<PastGeneration> history(VmName name) {
    return List.copyOf(past.getOrDefault(name, List.of()));
  }

  @Override
  public synchronized boolean takeAway(VmName name, Predicate<VmRecord> still, Runnable away) {
    onTakeAway.run();
    VmRecord now = records.get(name);
    if (now != null && !still.test(now)) {
      return false;
    }
    away.run();
    records.remove(name);
    return true;
  }

  @Override
  public synchronized boolean rename(VmName from, VmName to, Predicate<VmRecord> still) {
    throw new UnsupportedOperationException("there is no directory to rename");
  }

  @Override
  public synchronized VmRecord adopt(VmName name, Path directory, UnaryOperator<VmRecord> change) {
    throw new UnsupportedOperationException("there is no directory to adopt");
  }

  @Override
  public synchronized VmRecord takeOver(VmRecord record) {
    if (records.putIfAbsent(record.name(), record) != null) {
      throw new IllegalStateException(record.name() + " is there");
    }
    released.remove(record.name());
    return record;
  }

  @Override
  public synchronized boolean release(VmName name, Predicate<VmRecord> still) {
    VmRecord now = records.get(name);
    if (now == null || !still.test(now)) {
      return false;
    }
    released.put(name, now);
    records.remove(name);
    return true;
  }

  @Override
  public synchronized Optional<VmRecord> released(VmName name) {
    return Optional.ofNullable(released.get(name));
  }

  @Override
  public synchronized Optional<String> sourceIdentity(SourceId source) {
    return Optional.ofNullable(identities.get(source));
  }

  @Override
  public synchronized void keepSourceIdentity(SourceId source, String identity) {
    identities.put(source, identity);
  }

  /** The directory is gone, and the record with it. */
  @Override
  public synchronized void forget(VmName name) {
    records.remove(name);
  }
}
