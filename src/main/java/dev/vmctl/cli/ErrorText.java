package dev.vmctl.cli;

/** Writes errors for people. */
final class ErrorText {
  private static final String RED = "\u001b[1;31m";
  private static final String PLAIN = "\u001b[0m";

  private final Terminal terminal;

  ErrorText(Terminal terminal) {
    this.terminal = terminal;
  }

  void print(String code, String message, String help) {
    String head = "error[" + code + "]";
    StringBuilder text = new StringBuilder();
    text.append(terminal.colour() ? RED + head + PLAIN : head).append(": ").append(message);
    if (!help.isEmpty()) {
      text.append("\n  help: ").append(help.replace("\n", "\n        "));
    }
    terminal.say(text.toString());
  }
}
