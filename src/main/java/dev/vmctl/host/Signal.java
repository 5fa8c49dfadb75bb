package dev.vmctl.host;

/** The signals that are sent to processes. */
public enum Signal {
  /** Asks the process to end. */
  TERMINATE(15),
  /** Ends it; cannot be caught. */
  KILL(9);

  private final int number;

  Signal(int number) {
    this.number = number;
  }

  int number() {
    return number;
  }
}
