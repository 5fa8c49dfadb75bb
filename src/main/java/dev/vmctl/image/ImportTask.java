package dev.vmctl.image;

import dev.vmctl.host.Log;
import java.time.Clock;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;

/**
 * One import and everybody in this process who waits for it. It goes on while at least one of them
 * waits:
 *
 * <pre>
 * waited for ──run ends──▶ over
 *     └──last one leaves──▶ abandoned ──run notices──▶ over
 * </pre>
 */
final class ImportTask implements Runnable {
  private static final System.Logger LOG = Log.of(ImportTask.class);
  private static final long PROGRESS_MILLIS = 250;

  /** What an import does, in a thread that may block. */
  @FunctionalInterface
  interface Work {
    CachedImage run(ImportTask task) throws InterruptedException;
  }

  private enum State {
    WAITED_FOR,
    ABANDONED,
    OVER
  }

  private final Work work;
  private final Clock clock;
  private final Map<CompletableFuture<CachedImage>, Consumer<ImageProgress>> waiters =
      new LinkedHashMap<>();
  private State state = State.WAITED_FOR;
  private @Nullable Thread worker;
  private String lastPhase = "";
  private long lastReport;

  ImportTask(Work work, Clock clock) {
    this.work = work;
    this.clock = clock;
  }

  /** One more waits; empty when this import has ended or is about to. */
  synchronized Optional<CompletableFuture<CachedImage>> join(Consumer<ImageProgress> progress) {
    if (state != State.WAITED_FOR) {
      return Optional.empty();
    }
    CompletableFuture<CachedImage> waiter = new CompletableFuture<>();
    waiters.put(waiter, progress);
    return Optional.of(waiter);
  }

  /** Watches for the waiter giving up; apart from {@link #join} as it may run at once. */
  void watch(CompletableFuture<CachedImage> waiter) {
    var _ = waiter.whenComplete((image, failure) -> leave(waiter));
  }

  private synchronized void leave(CompletableFuture<CachedImage> waiter) {
    waiters.remove(waiter);
    if (waiters.isEmpty() && state == State.WAITED_FOR) {
      state = State.ABANDONED;
      if (worker != null) {
        worker.interrupt();
      }
    }
  }

  @Override
  public void run() {
    try {
      begin();
      CachedImage image = work.run(this);
      end().forEach(waiter -> waiter.complete(image));
    } catch (InterruptedException | RuntimeException | Error e) {
      end().forEach(waiter -> waiter.completeExceptionally(e));
    }
  }

  /** Fails it without ever having run. */
  void fail(RuntimeException cause) {
    end().forEach(waiter -> waiter.completeExceptionally(cause));
  }

  private synchronized void begin() {
    checkWaitedFor();
    worker = Thread.currentThread();
  }

  private synchronized List<CompletableFuture<CachedImage>> end() {
    if (state == State.ABANDONED && worker != null) {
      // Ours, not of whoever uses this thread next.
      Thread.interrupted();
    }
    worker = null;
    state = State.OVER;
    List<CompletableFuture<CachedImage>> left = List.copyOf(waiters.keySet());
    waiters.clear();
    return left;
  }

  /**
   * To be called between steps that take long.
   *
   * @throws ImportCancelledException when nobody waits any more
   */
  synchronized void checkWaitedFor() {
    if (state == State.ABANDONED) {
      throw new ImportCancelledException();
    }
  }

  /** Tells everybody how far it is, a few times a second; ends the import if nobody waits. */
  void report(String phase, long doneBytes, long totalBytes) {
    List<Consumer<ImageProgress>> listeners;
    synchronized (this) {
      checkWaitedFor();
      long now = clock.millis();
      if (phase.equals(lastPhase)
          && Math.abs(now - lastReport) < PROGRESS_MILLIS
          && doneBytes != totalBytes) {
        return;
      }
      lastPhase = phase;
      lastReport = now;
      listeners = List.copyOf(waiters.values());
    }
    ImageProgress progress = new ImageProgress(phase, doneBytes, totalBytes);
    for (Consumer<ImageProgress> listener : listeners) {
      try {
        listener.accept(progress);
      } catch (RuntimeException e) {
        LOG.log(System.Logger.Level.WARNING, "a listener of an import's progress failed", e);
      }
    }
  }
}
