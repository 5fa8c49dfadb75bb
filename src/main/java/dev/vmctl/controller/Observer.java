package dev.vmctl.controller;

import dev.vmctl.model.BackendTag;
import dev.vmctl.model.VmEvent;
import dev.vmctl.model.VmName;
import java.time.Duration;

/**
 * Told what the loop does, for metrics. Called on the loop's threads: must be quick and must not
 * throw.
 */
public interface Observer {
  /** How one reconcile ended. */
  enum Outcome {
    /** Nothing is left to do. */
    CONVERGED,
    /** Something was done or is under way; the key comes back. */
    PROGRESSING,
    /** It failed and will be tried again. */
    FAILED,
    /** It failed and waits for a change. */
    STALLED
  }

  /**
   * One reconcile begins, on this thread, where it ends too.
   *
   * @param id unlike that of any other of this engine
   */
  void reconciling(VmName vm, String id);

  /**
   * One reconcile has ended.
   *
   * @param reason {@code ok}, or the code of the error
   */
  void reconciled(VmName vm, Duration took, Outcome outcome, String reason);

  /** A key waited this long in the queue before a worker took it. */
  void dequeued(VmName vm, Duration waited);

  /** A hypervisor was asked how a VM is, and answered, or failed to, after this. */
  void looked(BackendTag backend, Duration took);

  /**
   * Something longer than a step has ended.
   *
   * @param kind one lower-case word of a few
   */
  void operated(String kind, Duration took, boolean succeeded);

  /** So many bytes of an image have come over the network. */
  void downloaded(long bytes);

  /** A VM became as declared, this long after its declaration changed. */
  void converged(VmName vm, Duration took);

  /** An event was written. */
  void event(VmEvent event);

  /**
   * An event did not get where it was to go; the loop goes on.
   *
   * @param sink one word of a few, such as {@code journal}
   */
  void eventLost(String sink);

  /** A VM is no more: drop what was kept under its name. */
  void forgotten(VmName vm);

  /** An observer that does nothing. */
  static Observer none() {
    return new Observer() {
      @Override
      public void reconciling(VmName vm, String id) {}

      @Override
      public void reconciled(VmName vm, Duration took, Outcome outcome, String reason) {}

      @Override
      public void dequeued(VmName vm, Duration waited) {}

      @Override
      public void looked(BackendTag backend, Duration took) {}

      @Override
      public void operated(String kind, Duration took, boolean succeeded) {}

      @Override
      public void downloaded(long bytes) {}

      @Override
      public void converged(VmName vm, Duration took) {}

      @Override
      public void event(VmEvent event) {}

      @Override
      public void eventLost(String sink) {}

      @Override
      public void forgotten(VmName vm) {}
    };
  }
}
