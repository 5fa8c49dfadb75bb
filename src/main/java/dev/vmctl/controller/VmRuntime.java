package dev.vmctl.controller;

import dev.vmctl.guest.GuestFacts;
import dev.vmctl.hypervisor.Observation;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * What the engine keeps of a VM while it lives itself: nothing that a restart may not forget.
 * Written by the VM's own reconcile, read by anybody.
 */
final class VmRuntime {
  /** How it was seen last; null before the first look. */
  volatile @Nullable Observation seen;

  /** What is being done or waited for, in words. */
  volatile String activity = "";

  /** What ended its last reconcile and could not be written down; empty when nothing did. */
  volatile String trouble = "";

  /** What is wrong with the file that declares it; empty when nothing is. */
  volatile String sourceProblem = "";

  /** How often in a row a step has failed. */
  volatile int failures;

  /** The action that failed last. */
  volatile String failedAction = "";

  /** What the guest's agent has said last; null when it said nothing. */
  volatile @Nullable Facts facts;

  /** When that was asked, by the steady clock, as the other moments here. */
  volatile Instant factsAskedAt = Instant.MIN;

  /**
   * @param incarnation the run of the guest that said so
   */
  record Facts(String incarnation, GuestFacts said) {}

  /** When it was seen to last that its directories are served. */
  volatile Instant servedAt = Instant.MIN;

  /** Not before this is the failed step tried again. */
  volatile Instant retryAt = Instant.MIN;
}
