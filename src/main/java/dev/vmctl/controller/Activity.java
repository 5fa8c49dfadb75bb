package dev.vmctl.controller;

import java.util.Objects;

/**
 * What is being done with a VM, or what it waits for.
 *
 * @param text for people; empty when it is nothing
 */
record Activity(Kind kind, String text) {
  static final Activity NONE = new Activity(Kind.WORK, "");

  /** Why a VM that is to run does not, as its condition {@code Ready} has it. */
  enum Kind {
    /** It is at work, or has nothing to do. */
    WORK(""),
    /** Nothing may come up on this host. */
    CORDONED("Cordoned"),
    MEMORY("WaitingForMemory"),
    /** As many as may be at once are on their way up. */
    TURN("WaitingForTurn"),
    DEPENDENCY("WaitingForDependency");

    private final String reason;

    Kind(String reason) {
      this.reason = reason;
    }

    /** Of the condition; empty where something else is the reason. */
    String reason() {
      return reason;
    }
  }

  Activity {
    Objects.requireNonNull(kind);
    Objects.requireNonNull(text);
  }

  static Activity work(String text) {
    return new Activity(Kind.WORK, text);
  }

  boolean isNone() {
    return text.isEmpty();
  }
}
