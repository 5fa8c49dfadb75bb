package dev.vmctl.controller;

import dev.vmctl.model.SourceId;
import dev.vmctl.model.VmName;
import dev.vmctl.store.PastGeneration;
import dev.vmctl.store.VmRecord;
import dev.vmctl.store.VmStore;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
import java.util.function.UnaryOperator;
import org.jspecify.annotations.Nullable;

/** A store that tells the watchers of each change made through it. */
final class WatchedStore implements VmStore {
  private final VmStore store;
  private final Watchers watchers;

  WatchedStore(VmStore store, Watchers watchers) {
    this.store = store;
    this.watchers = watchers;
  }

  @Override
  public List<VmName> names() {
    return store.names();
  }

  @Override
  public Optional<VmRecord> read(VmName name) {
    return store.read(name);
  }

  @Override
  public @Nullable VmRecord update(
      VmName name, Function<@Nullable VmRecord, @Nullable VmRecord> change) {
    boolean[] changed = {false};
    VmRecord after =
        store.update(
            name,
            before -> {
              VmRecord result = change.apply(before);
              changed[0] = result != null && !result.equals(before);
              return result;
            });
    if (changed[0]) {
      watchers.changed(name);
    }
    return after;
  }

  @Override
  public List<PastGeneration> history(VmName name) {
    return store.history(name);
  }

  @Override
  public boolean takeAway(VmName name, Predicate<VmRecord> still, Runnable away) {
    boolean taken = store.takeAway(name, still, away);
    if (taken) {
      watchers.changed(name);
    }
    return taken;
  }

  @Override
  public boolean rename(VmName from, VmName to, Predicate<VmRecord> still) {
    boolean renamed = store.rename(from, to, still);
    if (renamed) {
      watchers.changed(from);
      watchers.changed(to);
    }
    return renamed;
  }

  @Override
  public VmRecord adopt(VmName name, Path directory, UnaryOperator<VmRecord> change) {
    VmRecord adopted = store.adopt(name, directory, change);
    watchers.changed(name);
    return adopted;
  }

  @Override
  public VmRecord takeOver(VmRecord record) {
    VmRecord taken = store.takeOver(record);
    watchers.changed(record.name());
    return taken;
  }

  @Override
  public boolean release(VmName name, Predicate<VmRecord> still) {
    boolean released = store.release(name, still);
    if (released) {
      watchers.changed(name);
    }
    return released;
  }

  @Override
  public Optional<VmRecord> released(VmName name) {
    return store.released(name);
  }

  @Override
  public Optional<String> sourceIdentity(SourceId source) {
    return store.sourceIdentity(source);
  }

  @Override
  public void keepSourceIdentity(SourceId source, String identity) {
    store.keepSourceIdentity(source, identity);
  }

  @Override
  public void forget(VmName name) {
    store.forget(name);
    watchers.changed(name);
  }
}
