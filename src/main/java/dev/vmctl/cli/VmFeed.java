package dev.vmctl.cli;

import dev.vmctl.api.Changes;
import dev.vmctl.api.VmStatus;
import dev.vmctl.api.Vmctl;
import dev.vmctl.api.Watch;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The VMs as they change, for who only looks. A daemon tells; where there is none nobody does, so
 * they are looked at again and again.
 */
final class VmFeed implements AutoCloseable {
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST = Duration.ofSeconds(30);

  private final Vmctl vmctl;
  private final Set<VmName> names;
  private final @Nullable Watch watch;
  private Map<String, VmStatus> known = new TreeMap<>();
  private Set<String> expected;
  private boolean first = true;

  /** What is new: VMs that are not as they were last time, and names that are gone. */
  record News(List<VmStatus> changed, List<String> gone) {
    News {
      changed = List.copyOf(changed);
      gone = List.copyOf(gone);
    }

    boolean isEmpty() {
      return changed.isEmpty() && gone.isEmpty();
    }
  }

  /**
   * @param names which VMs; empty for all
   */
  VmFeed(Vmctl vmctl, Set<VmName> names) {
    this.vmctl = vmctl;
    this.names = Set.copyOf(names);
    expected = this.names.stream().map(VmName::value).collect(Collectors.toSet());
    watch = vmctl.info().daemon() ? vmctl.watch(this.names) : null;
  }

  /** The first time all that there are, at once; then what is new, or nothing after a while. */
  News next(Duration longest) {
    Duration wait = first ? Duration.ZERO : longest;
    first = false;
    return watch == null ? seen(wait) : told(watch, wait);
  }

  private News told(Watch watch, Duration wait) {
    Changes changes = watch.next(wait.compareTo(LONGEST) < 0 ? wait : LONGEST);
    Map<String, VmStatus> now = changes.whole() ? new TreeMap<>() : new TreeMap<>(known);
    changes.vms().forEach(vm -> now.put(vm.summary().name(), vm));
    changes.gone().forEach(now::remove);
    return take(now);
  }

  private News seen(Duration wait) {
    if (!wait.isZero()) {
      pause(wait.compareTo(PAUSE) < 0 ? wait : PAUSE);
    }
    Map<String, VmStatus> now = new TreeMap<>();
    vmctl.changes(names, 0, Duration.ZERO).vms().forEach(vm -> now.put(vm.summary().name(), vm));
    return take(now);
  }

  private News take(Map<String, VmStatus> now) {
    List<VmStatus> changed = new ArrayList<>();
    now.forEach(
        (name, vm) -> {
          if (!vm.equals(known.get(name))) {
            changed.add(vm);
          }
        });
    List<String> gone = expected.stream().filter(name -> !now.containsKey(name)).sorted().toList();
    known = now;
    expected = now.keySet();
    return new News(changed, gone);
  }

  @Override
  public void close() {
    if (watch != null) {
      watch.close();
    }
  }

  private static void pause(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException stop) {
      throw VmException.interrupted("a VM", stop);
    }
  }
}
