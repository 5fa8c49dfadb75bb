package dev.vmctl.controller;

import dev.vmctl.model.VmName;
import dev.vmctl.workqueue.Timeline;
import java.time.Duration;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentHashMap;
import java.util.function.Consumer;

/**
 * What takes longer than a step: at most one operation a VM. Its end puts the VM's name back into
 * the queue, and the next reconcile takes the result; so everything that changes a VM's record
 * happens in its reconcile.
 */
final class Operations {
  /** The kinds. */
  enum Kind {
    IMAGE,
    STOP,
    SNAPSHOT,
    SAVE,
    CLONE,
    ADJUST,
    AWAIT_READY,
    PROVISION;

    String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  private final Map<VmName, Operation> running = new ConcurrentHashMap<>();
  private final Consumer<VmName> wake;
  private final Timeline timeline;
  private final Observer observer;

  Operations(Consumer<VmName> wake, EngineParts parts) {
    this.wake = wake;
    this.timeline = parts.timeline();
    this.observer = parts.observer();
  }

  Optional<Operation> of(VmName name) {
    return Optional.ofNullable(running.get(name));
  }

  /** Registers a future as this VM's operation. */
  void start(VmName name, Operation operation) {
    Operation earlier = running.put(name, operation);
    if (earlier != null && !earlier.future.isDone()) {
      throw new IllegalStateException(name + " already has the operation " + earlier.kind);
    }
    long began = timeline.nanoTime();
    var _ =
        operation.future.whenComplete(
            (result, failure) -> {
              // One that was given up says nothing of how long such a thing takes.
              if (!operation.future.isCancelled()) {
                observer.operated(
                    operation.kind.text(),
                    Duration.ofNanos(timeline.nanoTime() - began),
                    failure == null);
              }
              wake.accept(name);
            });
  }

  /** Takes an operation that has ended off the list. */
  void end(VmName name, Operation operation) {
    running.remove(name, operation);
  }

  /** Gives an operation up. What it has begun outside may still end by itself. */
  void cancel(VmName name, Operation operation) {
    running.remove(name, operation);
    operation.future.cancel(true);
  }

  /** Gives everything up, for the end of the engine. */
  void cancelAll() {
    running.forEach(this::cancel);
  }

  /**
   * One operation.
   *
   * <p>What it is for is kept with it ({@code purpose}), so that a reconcile can tell whether it is
   * still wanted.
   */
  static final class Operation {
    private final Kind kind;
    private final String purpose;
    private final CompletableFuture<?> future;
    private volatile String activity;

    Operation(Kind kind, String purpose, String activity, CompletableFuture<?> future) {
      this.kind = kind;
      this.purpose = purpose;
      this.activity = activity;
      this.future = future;
    }

    Kind kind() {
      return kind;
    }

    String purpose() {
      return purpose;
    }

    CompletableFuture<?> future() {
      return future;
    }

    String activity() {
      return activity;
    }

    void activity(String now) {
      activity = now;
    }
  }
}
