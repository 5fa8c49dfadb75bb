package dev.vmctl.guest;

import java.util.concurrent.Callable;
import java.util.concurrent.CancellationException;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Future;

/** Blocking work behind a future that, when somebody cancels it, interrupts the work. */
final class GuestTask<T> {
  private final CompletableFuture<T> result = new CompletableFuture<>();
  private final Callable<T> work;
  private volatile boolean ended;

  private GuestTask(Callable<T> work) {
    this.work = work;
  }

  static <T> CompletableFuture<T> start(ExecutorService threads, Callable<T> work) {
    GuestTask<T> task = new GuestTask<>(work);
    Future<?> running = threads.submit(task::run);
    task.result.whenComplete(
        (value, failure) -> {
          if (!task.ended) {
            running.cancel(true);
          }
        });
    return task.result;
  }

  @SuppressWarnings("InterruptedExceptionSwallowed") // the thread is this task's and ends here
  private void run() {
    T value;
    try {
      value = work.call();
    } catch (InterruptedException e) {
      ended = true;
      result.completeExceptionally(new CancellationException("interrupted"));
      return;
    } catch (Throwable e) {
      // Whatever it was, whoever waits must hear of it.
      ended = true;
      result.completeExceptionally(e);
      return;
    }
    ended = true;
    result.complete(value);
  }
}
