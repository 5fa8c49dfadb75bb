package dev.vmctl.controller;

import dev.vmctl.controller.Activity.Kind;
import dev.vmctl.host.HostRoom;
import dev.vmctl.hypervisor.HypervisorRouter;
import dev.vmctl.model.BackendTag;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import dev.vmctl.store.Applied;
import dev.vmctl.store.Cordon;
import dev.vmctl.store.VmRecord;
import dev.vmctl.workqueue.Timeline;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.HashMap;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;

/**
 * Whether the host has room for one more guest. A guest takes its memory little by little while it
 * boots; so that of those on their way up counts as taken. Who finds no room waits.
 */
final class Room {
  /** After this a guest has taken what it needs to boot, ready or not. */
  private static final Duration BOOT = Duration.ofSeconds(60);

  private static final long MEBIBYTE = 1L << 20;
  private static final long LEAST_DISK = 1L << 30;

  private final Timeline timeline;
  private final HostRoom host;
  private final Path data;
  private final Cordon cordon;
  private final HypervisorRouter hypervisors;
  private final EngineSettings settings;
  private final Map<VmName, Started> starting = new HashMap<>();

  private record Started(Instant at, long bytes) {}

  Room(EngineParts parts, EngineSettings settings) {
    this.timeline = parts.timeline();
    this.host = parts.room();
    this.data = parts.data().root();
    this.cordon = new Cordon(parts.data());
    this.hypervisors = parts.hypervisors();
    this.settings = settings;
  }

  /**
   * Refuses what this host can never hold.
   *
   * @throws VmException host.memory_exceeded
   */
  void check(VmSpec spec) {
    if (settings.policy().overcommit() || !isHere(spec)) {
      return;
    }
    long needed = needed(spec);
    long total = host.totalMemoryBytes();
    if (needed > total) {
      throw new VmException(
          ErrorCode.HOST_MEMORY,
          spec.name()
              + " is to have "
              + needed / MEBIBYTE
              + " MiB of memory, this host has "
              + total / MEBIBYTE,
          "declare less; --overcommit (of the daemon; without one, of 'up' and 'start') starts it all the same");
    }
  }

  /**
   * Why it may not start yet; {@link Activity#NONE} when it may: then it counts as starting.
   *
   * @throws VmException host.disk_low
   */
  synchronized Activity beforeStart(VmRecord record) {
    VmName name = record.name();
    VmSpec spec = Observing.specThatRuns(record);
    starting.remove(name);
    Optional<Cordon.Kept> kept = cordon.read();
    if (kept.isPresent() && !isHealed(record)) {
      return new Activity(
          Kind.CORDONED, "this host is " + kept.get().text() + "; 'vmctl uncordon' lets it start");
    }
    if (isHere(spec)) {
      checkDisk();
    }
    int most = settings.policy().parallel();
    if (most > 0 && starting.size() >= most) {
      return new Activity(
          Kind.TURN,
          "waiting for its turn: "
              + starting.size()
              + " VMs are on their way up, "
              + most
              + " may be at once");
    }
    long needed = isHere(spec) ? needed(spec) : 0;
    if (needed > 0 && !settings.policy().overcommit()) {
      long free = host.freeMemoryBytes() - promised();
      if (needed > free) {
        return new Activity(
            Kind.MEMORY,
            "waiting for memory: it needs "
                + needed / MEBIBYTE
                + " MiB, the host has "
                + Math.max(0, free) / MEBIBYTE
                + " left; stop another VM, or allow overcommit");
      }
    }
    starting.put(name, new Started(timeline.steady(), needed));
    return Activity.NONE;
  }

  /** Whether it ran, and only comes back: a cordon is for what is new. */
  private static boolean isHealed(VmRecord record) {
    Applied applied = record.applied();
    return applied != null
        && record.lastExit() != null
        && Observing.endedUnasked(record)
        && !record.staysEnded();
  }

  /** A guest whose disk cannot grow any more stops in the middle of a write. */
  private void checkDisk() {
    long free = host.freeDiskBytes(data);
    if (free < LEAST_DISK) {
      throw new VmException(
          ErrorCode.HOST_DISK_LOW,
          free / MEBIBYTE
              + " MiB are left in "
              + data
              + "; nothing is started with less than "
              + LEAST_DISK / MEBIBYTE,
          "make room: vmctl trash list, vmctl image prune; it starts by itself then");
    }
  }

  private long promised() {
    Instant since = timeline.steady().minus(BOOT);
    return starting.values().stream()
        .filter(each -> each.at().isAfter(since))
        .mapToLong(Started::bytes)
        .sum();
  }

  /** A VM was looked at: it may have come up, or not be on its way any more. */
  synchronized void note(Look look) {
    VmRecord record = look.record();
    Started started = starting.get(record.name());
    if (started == null) {
      return;
    }
    Applied applied = record.applied();
    boolean up = applied != null && applied.isReady();
    boolean gone = applied == null || !applied.running() || record.failure() != null;
    boolean ago =
        timeline.steady().isAfter(started.at().plus(GuestSteps.readyTimeout(record, settings)));
    if (up || gone || ago) {
      starting.remove(record.name());
    }
  }

  synchronized void forget(VmName name) {
    starting.remove(name);
  }

  private boolean isHere(VmSpec spec) {
    BackendTag tag = hypervisors.tag(spec);
    return tag == BackendTag.QEMU || tag == BackendTag.BHYVE;
  }

  private static long needed(VmSpec spec) {
    return Objects.requireNonNull(VmFields.MEMORY.effective(spec)) * MEBIBYTE;
  }
}
