package dev.vmctl.controller;

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
   * One reconcile has ended.
   *
   * @param reason {@code ok}, or the code of the error
   */
  void reconciled(VmName vm, Duration took, Outcome outcome, String reason);

  /** A key waited this long in the queue before a worker took it. */
  void dequeued(VmName vm, Duration waited);

  /** A VM became as declared, this long after its declaration changed. */
  void converged(VmName vm, Duration took);

  /** An event was written. */
  void event(VmEvent event);

  /** A VM is no more: drop what was kept under its name. */
  void forgotten(VmName vm);

  /** An observer that does nothing. */
  static Observer none() {
    return new Observer() {
      @Override
      public void reconciled(VmName vm, Duration took, Outcome outcome, String reason) {}

      @Override
      public void dequeued(VmName vm, Duration waited) {}

      @Override
      public void converged(VmName vm, Duration took) {}

      @Override
      public void event(VmEvent event) {}

      @Override
      public void forgotten(VmName vm) {}
    };
  }
}
