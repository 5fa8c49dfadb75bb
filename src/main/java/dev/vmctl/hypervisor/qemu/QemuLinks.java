package dev.vmctl.hypervisor.qemu;

import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.ReentrantLock;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/** The engine's connections, one per VM at most. */
final class QemuLinks implements AutoCloseable {
  private final Map<UUID, Entry> entries = new ConcurrentHashMap<>();
  private final Consumer<VmName> wake;
  private final AdoptedProcesses adopted;

  QemuLinks(Consumer<VmName> wake, AdoptedProcesses adopted) {
    this.wake = wake;
    this.adopted = adopted;
  }

  /** What a bystander does with a connection. */
  @FunctionalInterface
  interface Look<T> {
    T at(QemuLink link) throws InterruptedException;
  }

  /**
   * The open connection, or a new one to a QEMU that says it is this VM.
   *
   * @throws VmException QMP_CONNECT_FAILED when nobody listens; QMP_TIMEOUT when there is no
   *     answer; VM_INVALID_STATE when another VM answers
   */
  QemuLink get(VmHandle vm, Duration deadline) throws InterruptedException {
    Entry entry = entries.computeIfAbsent(vm.uuid(), uuid -> new Entry());
    entry.lock.lockInterruptibly();
    try {
      QemuLink known = entry.link;
      if (known != null && known.isOpen()) {
        return known;
      }
      VmName name = vm.name();
      adopted.requireListener(vm);
      QemuLink link =
          QemuLink.open(new QemuFiles(vm).engineSocket(), deadline, () -> wake.accept(name));
      boolean ours = false;
      try {
        ours = link.belongsTo(vm, deadline);
        if (ours) {
          AdoptedProcesses.keepAtEnd(link, deadline);
        }
      } finally {
        if (!ours) {
          link.close();
        }
      }
      if (!ours) {
        throw new VmException(
            ErrorCode.VM_INVALID_STATE,
            "another VM answers at " + new QemuFiles(vm).engineSocket(),
            "look for a second QEMU that was started with the same socket");
      }
      entry.link = link;
      return link;
    } finally {
      entry.lock.unlock();
    }
  }

  /**
   * Looks as a bystander, over a connection of its own, which is closed again. A process that
   * others have started has one socket only: where the engine has that, it is looked at through it.
   *
   * @throws VmException as {@link #get}
   */
  <T> T look(VmHandle vm, Duration deadline, Look<T> look) throws InterruptedException {
    QemuFiles files = new QemuFiles(vm);
    Entry entry = files.adopted() == null ? null : entries.get(vm.uuid());
    QemuLink shared = entry == null ? null : entry.link;
    if (shared != null && shared.isOpen()) {
      return look.at(shared);
    }
    try (QemuLink link = QemuLink.open(files.readSocket(), deadline, () -> {})) {
      return look.at(link);
    }
  }

  /** Closes the connection to this VM, if there is one. */
  void drop(VmHandle vm) {
    Optional.ofNullable(entries.remove(vm.uuid())).ifPresent(Entry::close);
  }

  @Override
  public void close() {
    entries.values().forEach(Entry::close);
    entries.clear();
  }

  private static final class Entry {
    final ReentrantLock lock = new ReentrantLock();
    volatile @Nullable QemuLink link;

    void close() {
      QemuLink known = link;
      if (known != null) {
        known.close();
      }
    }
  }
}
