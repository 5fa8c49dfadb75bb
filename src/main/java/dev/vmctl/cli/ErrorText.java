package dev.vmctl.cli;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;

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

  /** Says why a command failed; returns its exit code. */
  int failed(Exception failure, boolean verbose) {
    int code = ExitCode.FAILED;
    if (failure instanceof VmException known) {
      print(known.code().text(), known.getMessage(), known.help());
      code = known.code() == ErrorCode.USAGE ? ExitCode.USAGE : ExitCode.FAILED;
    } else {
      print(
          ErrorCode.INTERNAL.text(), failure.toString(), "this is a bug in vmctl: -v shows where");
    }
    if (verbose) {
      failure.printStackTrace(terminal.err());
    }
    return code;
  }
}
