package dev.vmctl.controller;

import dev.vmctl.model.VmName;
import dev.vmctl.store.VmRecord;
import dev.vmctl.store.VmStore;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.function.Predicate;
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
  public boolean takeAway(VmName name, Predicate<VmRecord> still, Runnable away) {
    boolean taken = store.takeAway(name, still, away);
    if (taken) {
      watchers.changed(name);
    }
    return taken;
  }

  @Override
  public void forget(VmName name) {
    store.forget(name);
    watchers.changed(name);
  }
}
