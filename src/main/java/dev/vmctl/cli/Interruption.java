package dev.vmctl.cli;

/** Something to do if the person presses Ctrl-C before this is closed. */
final class Interruption implements AutoCloseable {
  private final Thread hook;

  private Interruption(Runnable action) {
    hook = new Thread(action, "interruption");
    Runtime.getRuntime().addShutdownHook(hook);
  }

  static Interruption doing(Runnable action) {
    return new Interruption(action);
  }

  static Interruption saying(Terminal terminal, String message) {
    return new Interruption(() -> terminal.say("\n" + message));
  }

  @Override
  public void close() {
    try {
      Runtime.getRuntime().removeShutdownHook(hook);
    } catch (IllegalStateException alreadyEnding) {
      // The process is being ended and the action runs: there is nothing to take back.
      return;
    }
  }
}
