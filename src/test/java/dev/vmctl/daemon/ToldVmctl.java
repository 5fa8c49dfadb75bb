package dev.vmctl.daemon;

import dev.vmctl.api.Changes;
import dev.vmctl.api.FakeVmctl;
import dev.vmctl.api.VmStatus;
import dev.vmctl.model.VmName;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Arrays;
import java.util.Deque;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** An engine whose changes a test tells. */
final class ToldVmctl extends FakeVmctl {
  private final Map<String, VmStatus> vms = new TreeMap<>();
  private final Deque<Changes> told = new ArrayDeque<>();
  private long version = 1_000;

  synchronized void tell(VmStatus... changed) {
    Arrays.stream(changed).forEach(vm -> vms.put(vm.summary().name(), vm));
    add(new Changes(++version, List.of(changed), List.of()));
  }

  synchronized void tellGone(String name) {
    vms.remove(name);
    add(new Changes(++version, List.of(), List.of(name)));
  }

  /** As one does that has just taken over. */
  synchronized void tellWhole(VmStatus... all) {
    vms.clear();
    Arrays.stream(all).forEach(vm -> vms.put(vm.summary().name(), vm));
    version += 1_000;
    add(new Changes(version, List.of(all), List.of(), true));
  }

  /** A VM goes while nobody is told. */
  synchronized void skip() {
    version++;
    vms.remove("a");
  }

  synchronized long version() {
    return version;
  }

  synchronized boolean isAllTold() {
    return told.isEmpty();
  }

  private void add(Changes changes) {
    told.add(changes);
    notifyAll();
  }

  @Override
  public synchronized Changes changes(Set<VmName> names, long since, Duration wait) {
    if (since == 0) {
      told.clear();
      return new Changes(version, List.copyOf(vms.values()), List.of(), true);
    }
    long end = System.nanoTime() + wait.toNanos();
    while (told.isEmpty() && System.nanoTime() < end) {
      try {
        wait(50);
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
        break;
      }
    }
    return told.isEmpty() ? new Changes(since, List.of(), List.of()) : told.poll();
  }
}
