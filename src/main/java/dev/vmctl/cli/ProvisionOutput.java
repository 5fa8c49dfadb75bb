package dev.vmctl.cli;

import dev.vmctl.api.LogChunk;
import dev.vmctl.api.LogKind;
import dev.vmctl.api.Vmctl;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.time.Duration;
import java.util.ArrayDeque;
import java.util.Deque;
import java.util.List;
import java.util.concurrent.locks.ReentrantLock;

/**
 * Shows what a VM's provisioning writes, as it comes, from where its log ended before the command.
 */
final class ProvisionOutput implements AutoCloseable {
  private static final Duration WAIT = Duration.ofSeconds(10);
  private static final int TAIL = 20;

  /** Counted from the end of the log. */
  private static final long TAIL_BYTES = -4096;

  private final Vmctl vmctl;
  private final VmName name;
  private final Progress progress;
  private final Lines lines = new Lines(this::show);
  private final PlainText plain = new PlainText();
  private final ReentrantLock lock = new ReentrantLock();
  private long offset;
  private boolean shown;
  private boolean closed;

  private ProvisionOutput(Vmctl vmctl, VmName name, long offset, Progress progress) {
    this.vmctl = vmctl;
    this.name = name;
    this.offset = offset;
    this.progress = progress;
  }

  /** Where the VM's provision log ends now; 0 when it has none yet. */
  static long end(Vmctl vmctl, VmName name) {
    try {
      return vmctl.log(name, LogKind.PROVISION, -1, Duration.ZERO).next();
    } catch (VmException none) {
      if (none.code() == ErrorCode.VM_NOT_FOUND) {
        return 0;
      }
      throw none;
    }
  }

  /** Starts following. */
  static ProvisionOutput follow(Vmctl vmctl, VmName name, long offset, Progress progress) {
    ProvisionOutput output = new ProvisionOutput(vmctl, name, offset, progress);
    Thread.ofVirtual().name("provision output of " + name).start(output::run);
    return output;
  }

  private void run() {
    try {
      boolean wanted = true;
      while (wanted) {
        wanted = take(vmctl.log(name, LogKind.PROVISION, position(), WAIT));
      }
    } catch (VmException over) {
      lock.lock();
      try {
        if (!closed && over.code() != ErrorCode.VM_NOT_FOUND) {
          progress.output(
              name.value(), "(its output cannot be followed: " + over.getMessage() + ")");
        }
      } finally {
        lock.unlock();
      }
    }
  }

  private long position() {
    lock.lock();
    try {
      return offset;
    } finally {
      lock.unlock();
    }
  }

  /** Shows a piece; false when there is nobody to show it to any more. */
  private boolean take(LogChunk chunk) {
    lock.lock();
    try {
      if (closed) {
        return false;
      }
      offset = chunk.next();
      lines.add(chunk.data());
      return true;
    } finally {
      lock.unlock();
    }
  }

  private void show(String line) {
    shown = true;
    progress.output(name.value(), plain.of(line));
  }

  /** Shows what is left; then, if nothing was shown at all, the last lines of the log. */
  void closeWithTail() {
    close();
    if (!shown) {
      Deque<String> last = new ArrayDeque<>();
      Lines tail =
          new Lines(
              line -> {
                last.addLast(line);
                if (last.size() > TAIL) {
                  last.removeFirst();
                }
              });
      drain(TAIL_BYTES, tail);
      tail.end();
      List.copyOf(last).forEach(this::show);
    }
  }

  /** Shows what is left. */
  @Override
  public void close() {
    lock.lock();
    try {
      if (closed) {
        return;
      }
      closed = true;
      drain(offset, lines);
      lines.end();
    } finally {
      lock.unlock();
    }
  }

  /** Reads all there is from an offset on. */
  private void drain(long from, Lines into) {
    long next = from;
    LogChunk chunk;
    do {
      chunk = vmctl.log(name, LogKind.PROVISION, next, Duration.ZERO);
      next = chunk.next();
      into.add(chunk.data());
    } while (chunk.data().length > 0);
  }
}
