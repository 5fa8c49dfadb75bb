package dev.vmctl;

import dev.vmctl.host.HostLock;
import dev.vmctl.host.Log;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.time.Duration;
import java.util.function.Consumer;

/** Waits for a lock in the background, and then lets something begin that needs it. */
final class TakeOver implements AutoCloseable {
  private static final System.Logger log = Log.of(TakeOver.class);

  /** How long one try to get the lock lasts; there are as many as it takes. */
  static final Duration SLICE = Duration.ofSeconds(10);

  private static final Duration AGAIN = Duration.ofSeconds(1);

  /** Where the lock comes from. */
  @FunctionalInterface
  interface Locking {
    /**
     * @throws VmException store.locked when it is still held
     */
    HostLock acquire() throws InterruptedException;
  }

  private final Locking locking;
  private final Consumer<HostLock> begin;
  private final Runnable undo;
  private final Thread thread;
  private String told = "";

  /**
   * @param begin takes the lock over, or fails and does not
   * @param undo removes what a failed beginning left
   */
  TakeOver(Locking locking, Consumer<HostLock> begin, Runnable undo) {
    this.locking = locking;
    this.begin = begin;
    this.undo = undo;
    thread = Thread.ofVirtual().name("take-over").unstarted(this::run);
  }

  void start() {
    thread.start();
  }

  private void run() {
    try {
      while (!hasBegun()) {
        Thread.sleep(AGAIN);
      }
    } catch (InterruptedException e) {
      // Closed before it came to that.
      Thread.currentThread().interrupt();
    }
  }

  private boolean hasBegun() throws InterruptedException {
    try {
      HostLock lock = locking.acquire();
      try {
        begin.accept(lock);
        return true;
      } catch (RuntimeException e) {
        undo.run();
        lock.close();
        throw e;
      }
    } catch (VmException e) {
      if (e.code() != ErrorCode.STORE_LOCKED && !e.getMessage().equals(told)) {
        told = e.getMessage();
        log.log(System.Logger.Level.ERROR, "cannot begin yet: {0}; {1}", told, e.help());
      }
      return false;
    }
  }

  @Override
  public void close() throws InterruptedException {
    thread.interrupt();
    thread.join();
  }
}
