package dev.vmctl.cli;

import dev.vmctl.api.Changes;
import dev.vmctl.api.VmStatus;
import dev.vmctl.api.Vmctl;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;

/**
 * The VMs as they change, for who only looks. A daemon tells; where there is none nobody does, so
 * they are looked at again and again.
 */
final class VmFeed {
  private static final Duration PAUSE = Duration.ofMillis(500);
  private static final Duration LONGEST = Duration.ofSeconds(30);

  private final Vmctl vmctl;
  private final Set<VmName> names;
  private final boolean told;
  private Map<String, VmStatus> known = new TreeMap<>();
  private Set<String> expected;
  private long version;
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
    told = vmctl.info().daemon();
  }

  /** The first time all that there are, at once; then what is new, or nothing after a while. */
  News next(Duration longest) {
    Duration wait = first ? Duration.ZERO : longest;
    first = false;
    return told ? told(wait) : seen(wait);
  }

  private News told(Duration wait) {
    Changes changes = vmctl.changes(names, version, wait.compareTo(LONGEST) < 0 ? wait : LONGEST);
    boolean whole = version == 0;
    version = changes.version();
    Map<String, VmStatus> now = whole ? new TreeMap<>() : new TreeMap<>(known);
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

  private static void pause(Duration time) {
    try {
      Thread.sleep(time);
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      throw new VmException(ErrorCode.TIMEOUT, "interrupted", "", stop);
    }
  }
}
