package dev.vmctl;

import dev.vmctl.EngineOptions.Role;
import dev.vmctl.host.AtomicFiles;
import dev.vmctl.host.HostLock;
import dev.vmctl.host.HostLocks;
import dev.vmctl.host.Log;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import dev.vmctl.store.DataDirectory;
import dev.vmctl.store.VmRecord;
import dev.vmctl.store.VmStore;
import dev.vmctl.workqueue.Timeline;
import java.io.IOException;
import java.nio.file.Files;
import java.time.Duration;
import java.util.HashSet;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * Which VMs an engine acts on. A daemon acts on all of them. The engine of a command acts on those
 * the command names, each under its lock, and watches their records: another command's intent
 * ({@code stop} during a long {@code up}) is seen within {@link #POLL}. A recorder acts on none and
 * watches them all.
 */
final class CommandScope implements AutoCloseable {
  private static final System.Logger log = Log.of(CommandScope.class);
  private static final Duration POLL = Duration.ofMillis(100);

  private final Role role;
  private final DataDirectory data;
  private final HostLocks locks;
  private final Duration lockTimeout;
  private final Timeline timeline;
  private final VmStore store;
  private final Map<VmName, HostLock> held = new ConcurrentHashMap<>();
  private final Map<VmName, Optional<VmRecord>> seen = new ConcurrentHashMap<>();
  private volatile Consumer<VmName> wake = name -> {};
  private volatile boolean closed;

  CommandScope(
      Role role,
      DataDirectory data,
      HostLocks locks,
      Duration lockTimeout,
      Timeline timeline,
      VmStore store) {
    this.role = role;
    this.data = data;
    this.locks = locks;
    this.lockTimeout = lockTimeout;
    this.timeline = timeline;
    this.store = store;
  }

  /** Whom to tell that a record has changed. */
  void wakes(Consumer<VmName> whom) {
    wake = whom;
    switch (role) {
      case COMMAND, RECORDER -> timeline.schedule(POLL, this::poll);
      case DAEMON, READER -> {}
    }
  }

  boolean contains(VmName name) {
    return switch (role) {
      case DAEMON -> true;
      case COMMAND -> held.containsKey(name);
      case RECORDER, READER -> false;
    };
  }

  /**
   * Lets the engine act on a VM.
   *
   * @throws VmException store.locked, naming the process that has the VM
   */
  void admit(VmName name) {
    switch (role) {
      // A recorder's intents are carried out by whoever has the VM now, or by the daemon later.
      case DAEMON, RECORDER -> {}
      case READER -> throw new IllegalStateException("a reader acts on nothing");
      case COMMAND -> held.computeIfAbsent(name, this::lock);
    }
  }

  private HostLock lock(VmName name) {
    try {
      Files.createDirectories(data.vmLock(name).getParent());
      return locks.acquire(data.vmLock(name), HostLock.Mode.EXCLUSIVE, lockTimeout);
    } catch (IOException e) {
      throw AtomicFiles.failure("lock", data.vmLock(name), e);
    } catch (InterruptedException e) {
      throw VmException.interrupted(name, e);
    }
  }

  private void poll() {
    if (closed) {
      return;
    }
    try {
      Set<VmName> watched = new HashSet<>(role == Role.RECORDER ? store.names() : held.keySet());
      watched.addAll(seen.keySet());
      watched.forEach(this::look);
    } finally {
      timeline.schedule(POLL, this::poll);
    }
  }

  private void look(VmName name) {
    try {
      Optional<VmRecord> now = store.read(name);
      // The first look counts as a change: whoever looked before may have looked too early.
      if (!now.equals(seen.put(name, now))) {
        wake.accept(name);
      }
    } catch (VmException e) {
      // Its reconcile meets the same, and says so.
      log.log(System.Logger.Level.DEBUG, "{0} cannot be read: {1}", name, e.getMessage());
    }
  }

  @Override
  public void close() {
    closed = true;
    held.values().forEach(HostLock::close);
  }
}
