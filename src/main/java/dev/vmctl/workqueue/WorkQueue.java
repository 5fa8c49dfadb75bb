package dev.vmctl.workqueue;

import java.time.Duration;
import java.util.ArrayDeque;
import java.util.HashMap;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import java.util.random.RandomGenerator;
import org.jspecify.annotations.Nullable;

/**
 * Runs a handler for keys, each key once however often it was added, and never twice at the same
 * time.
 *
 * <p>A key added while its handler runs makes it run once more afterwards. At most {@code workers}
 * handlers run at the same time; keys wait in the order they came. What the handler returns says
 * when the key comes back; a handler that throws counts as a failure.
 *
 * @param <K> the keys; needs {@code equals} and {@code hashCode}
 */
public final class WorkQueue<K> {
  /** What the queue does for a key. */
  @FunctionalInterface
  public interface Handler<K> {
    /**
     * @param waited how long the key waited for a worker
     */
    Result handle(K key, Duration waited);
  }

  /** When a key comes back. */
  public sealed interface Result {
    /** When it is added again. */
    record Done() implements Result {}

    /** After this delay, or earlier if it is added. */
    record After(Duration delay) implements Result {}

    /** After a backoff that grows with each failure in a row. */
    record Failed() implements Result {}
  }

  private final Timeline timeline;
  private final RandomGenerator random;
  private final Backoff backoff;
  private final int workers;
  private final Handler<K> handler;

  private final Map<K, Entry> entries = new HashMap<>();
  private final ArrayDeque<K> waiting = new ArrayDeque<>();
  private int running;
  private int handling;
  private boolean closed;
  private long movedAt;

  public WorkQueue(
      Timeline timeline, RandomGenerator random, Backoff backoff, int workers, Handler<K> handler) {
    if (workers < 1) {
      throw new IllegalArgumentException(workers + " workers");
    }
    this.timeline = timeline;
    this.random = random;
    this.backoff = backoff;
    this.workers = workers;
    this.handler = handler;
    this.movedAt = timeline.nanoTime();
  }

  /** Asks for a run of the handler as soon as a worker is free. Does nothing once closed. */
  public synchronized void add(K key) {
    if (closed) {
      return;
    }
    Entry entry = entries.computeIfAbsent(key, k -> new Entry());
    entry.cancelTimer();
    if (entry.active) {
      entry.again = true;
    } else if (!entry.queued) {
      enqueue(key, entry);
    }
  }

  /** Asks for a run after a delay; an earlier request stands. */
  public synchronized void addAfter(K key, Duration delay) {
    if (closed) {
      return;
    }
    if (!delay.isPositive()) {
      add(key);
      return;
    }
    Entry entry = entries.computeIfAbsent(key, k -> new Entry());
    if (entry.queued || entry.again) {
      return;
    }
    setTimer(key, entry, delay);
  }

  /** Keys that wait for a worker. */
  public synchronized int depth() {
    return waiting.size();
  }

  /** How long keys have waited while no handler began or ended; zero while none waits. */
  public synchronized Duration stuckFor() {
    K first = waiting.peek();
    Entry entry = first == null ? null : entries.get(first);
    if (entry == null) {
      return Duration.ZERO;
    }
    long now = timeline.nanoTime();
    return Duration.ofNanos(Math.min(now - movedAt, now - entry.queuedAt));
  }

  /** Whether nothing runs or waits for a worker; timers may be set. */
  public synchronized boolean isIdle() {
    return running == 0 && waiting.isEmpty();
  }

  /** Failures of this key in a row. */
  public synchronized int failures(K key) {
    Entry entry = entries.get(key);
    return entry == null ? 0 : entry.failures;
  }

  /** Starts no more handlers; those that run go on. */
  public synchronized void close() {
    closed = true;
    waiting.clear();
    entries.values().forEach(Entry::cancelTimer);
  }

  /**
   * Waits until no handler runs, but no longer than said; not for a thread that runs one.
   *
   * @return whether none runs
   */
  public synchronized boolean awaitHandlers(Duration atMost) {
    long end = System.nanoTime() + atMost.toNanos();
    try {
      for (long left = atMost.toNanos(); handling > 0 && left > 0; left = end - System.nanoTime()) {
        TimeUnit.NANOSECONDS.timedWait(this, left);
      }
    } catch (InterruptedException e) {
      // Whoever closes is in a hurry.
      Thread.currentThread().interrupt();
    }
    return handling == 0;
  }

  private void enqueue(K key, Entry entry) {
    entry.queued = true;
    entry.queuedAt = timeline.nanoTime();
    waiting.add(key);
    startWorker();
  }

  private void startWorker() {
    if (running < workers && !waiting.isEmpty()) {
      running++;
      timeline.execute(this::work);
    }
  }

  private void work() {
    K key;
    Duration waited;
    synchronized (this) {
      K next = waiting.poll();
      if (next == null) {
        running--;
        return;
      }
      key = next;
      Entry entry = entries.get(key);
      if (entry == null) {
        throw new IllegalStateException("a waiting key without an entry: " + key);
      }
      entry.queued = false;
      entry.active = true;
      handling++;
      movedAt = timeline.nanoTime();
      waited = Duration.ofNanos(timeline.nanoTime() - entry.queuedAt);
    }
    Result result = new Result.Failed();
    try {
      result = handler.handle(key, waited);
    } finally {
      finish(key, result);
    }
  }

  private synchronized void finish(K key, Result result) {
    running--;
    handling--;
    movedAt = timeline.nanoTime();
    notifyAll();
    Entry entry = entries.get(key);
    if (entry != null) {
      entry.active = false;
      entry.failures = result instanceof Result.Failed ? entry.failures + 1 : 0;
      if (closed) {
        return;
      }
      if (entry.again) {
        entry.again = false;
        enqueue(key, entry);
      } else {
        comeBack(key, entry, result);
      }
    }
    startWorker();
  }

  private void comeBack(K key, Entry entry, Result result) {
    switch (result) {
      case Result.Done() -> {
        if (entry.timer == null) {
          entries.remove(key);
        }
      }
      case Result.After(Duration delay) -> setTimer(key, entry, delay);
      case Result.Failed() -> setTimer(key, entry, backoff.after(entry.failures, random));
    }
  }

  private void setTimer(K key, Entry entry, Duration delay) {
    long due = timeline.nanoTime() + delay.toNanos();
    if (entry.timer != null && entry.due - due <= 0) {
      return;
    }
    entry.cancelTimer();
    entry.due = due;
    entry.timer = timeline.schedule(delay, () -> add(key));
  }

  private static final class Entry {
    boolean queued;
    boolean active;
    boolean again;
    int failures;
    long queuedAt;
    long due;
    Timeline.@Nullable Cancellation timer;

    void cancelTimer() {
      if (timer != null) {
        timer.cancel();
        timer = null;
      }
    }
  }
}
