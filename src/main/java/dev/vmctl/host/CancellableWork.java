package dev.vmctl.host;

import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.Executor;
import org.jspecify.annotations.Nullable;

/** Blocking work behind a future that, when somebody cancels it, interrupts the work. */
public final class CancellableWork<T> {
  private final CompletableFuture<T> result = new CompletableFuture<>();
  private final Callable<T> work;

  /** Null before the work begins and after it has ended. */
  private @Nullable Thread worker;

  private CancellableWork(Callable<T> work) {
    this.work = work;
  }

  /** Work without a result. */
  public interface Task {
    /** Does it. */
    void run() throws Exception;
  }

  /**
   * Begins work in one of these threads. Interrupted work ends the future as cancelled, any other
   * failure as itself.
   */
  public static <T> CompletableFuture<T> start(Executor threads, Callable<T> work) {
    CancellableWork<T> started = new CancellableWork<>(work);
    threads.execute(started::run);
    var _ = started.result.whenComplete((value, failure) -> started.interrupt());
    return started.result;
  }

  /** As {@link #start(Executor, Callable)}, of work that ends with nothing to hand over. */
  @SuppressWarnings("NullAway") // null is all that a future of Void can hold
  public static CompletableFuture<Void> start(Executor threads, Task task) {
    return start(
        threads,
        () -> {
          task.run();
          return null;
        });
  }

  /** Threads for {@link #start}: a virtual one of this name for each piece of work. */
  public static Executor threadNamed(String name) {
    return task -> Thread.ofVirtual().name(name).start(task);
  }

  private void run() {
    if (!begin()) {
      return;
    }
    T value;
    try {
      value = work.call();
    } catch (InterruptedException e) {
      end();
      result.completeExceptionally(new CancellationException("interrupted"));
      return;
    } catch (Throwable e) {
      // Whatever it was, whoever waits must hear of it.
      end();
      result.completeExceptionally(e);
      return;
    }
    end();
    result.complete(value);
  }

  private synchronized boolean begin() {
    if (result.isDone()) {
      return false;
    }
    worker = Thread.currentThread();
    return true;
  }

  /** An interrupt that came too late is not for whatever the thread does next. */
  private synchronized void end() {
    worker = null;
    if (result.isDone()) {
      Thread.interrupted();
    }
  }

  private synchronized void interrupt() {
    if (worker != null) {
      worker.interrupt();
    }
  }
}
