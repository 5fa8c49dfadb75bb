package dev.vmctl.hypervisor.qemu;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmctl.host.HostProcess;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.hypervisor.qmp.QmpClient;
import dev.vmctl.hypervisor.qmp.QmpEvent;
import dev.vmctl.hypervisor.qmp.QmpListener;
import dev.vmctl.model.AdoptedProcess;
import dev.vmctl.model.VmException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** The engine's connection to one QEMU, kept open; passes on that something happened. */
final class QemuLink implements AutoCloseable {
  /** Events after which the VM may be seen in another state. The rest is chatter. */
  private static final Set<String> TELLING =
      Set.of(
          "SHUTDOWN",
          "POWERDOWN",
          "RESET",
          "STOP",
          "RESUME",
          "SUSPEND",
          "WAKEUP",
          "WATCHDOG",
          "GUEST_PANICKED",
          "GUEST_CRASHLOADED",
          "BLOCK_IO_ERROR",
          "DEVICE_DELETED",
          "JOB_STATUS_CHANGE");

  private final QmpClient client;
  private final Changes changes;
  private volatile Optional<HostProcess> process = Optional.empty();

  private QemuLink(QmpClient client, Changes changes) {
    this.client = client;
    this.changes = changes;
  }

  /**
   * @param wake called after each event that tells something, and at the end of the connection
   */
  static QemuLink open(Path socket, Duration deadline, Runnable wake) throws InterruptedException {
    Changes changes = new Changes(wake);
    return new QemuLink(QmpClient.connect(socket, deadline, changes), changes);
  }

  boolean isOpen() {
    return client.isOpen();
  }

  JsonNode execute(String command, Duration deadline) throws InterruptedException {
    return client.execute(command, Map.of(), deadline);
  }

  JsonNode execute(String command, Map<String, ?> arguments, Duration deadline)
      throws InterruptedException {
    return client.execute(command, arguments, deadline);
  }

  String status(Duration deadline) throws InterruptedException {
    return execute("query-status", deadline).path("status").asText();
  }

  boolean belongsTo(VmHandle vm, Duration deadline) throws InterruptedException {
    String uuid = execute("query-uuid", deadline).path("UUID").asText();
    AdoptedProcess other = new QemuFiles(vm).adopted();
    return uuid.equalsIgnoreCase(other == null ? vm.uuid().toString() : other.uuid());
  }

  /** The process at the other end, looked for once: it is the same for as long as this is open. */
  Optional<HostProcess> process(Supplier<Optional<HostProcess>> search) {
    if (process.isEmpty()) {
      process = search.get();
    }
    return process;
  }

  /** How often something has happened so far. */
  long changes() {
    return changes.count();
  }

  /** Waits until something has happened since {@code seen}, or the time is over. */
  void awaitChange(long seen, Duration atMost) throws InterruptedException {
    changes.await(seen, atMost);
  }

  @Override
  public void close() {
    client.close();
  }

  private static final class Changes implements QmpListener {
    private final Runnable wake;
    private long count;

    Changes(Runnable wake) {
      this.wake = wake;
    }

    @Override
    public void event(QmpEvent event) {
      if (TELLING.contains(event.name())) {
        changed();
      }
    }

    @Override
    public void closed(VmException cause) {
      changed();
    }

    private void changed() {
      synchronized (this) {
        count++;
        notifyAll();
      }
      wake.run();
    }

    synchronized long count() {
      return count;
    }

    synchronized void await(long seen, Duration atMost) throws InterruptedException {
      long end = System.nanoTime() + atMost.toNanos();
      long left = atMost.toNanos();
      while (count == seen && left > 0) {
        TimeUnit.NANOSECONDS.timedWait(this, left);
        left = end - System.nanoTime();
      }
    }
  }
}
