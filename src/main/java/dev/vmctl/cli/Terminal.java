package dev.vmctl.cli;

import dev.vmctl.host.ThisHost;
import dev.vmctl.model.ErrorCode;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.Map;
import java.util.Optional;

/**
 * Where a command reads and writes.
 *
 * @param outIsTerminal whether data goes to a person's terminal
 * @param errIsTerminal whether messages go to a person's terminal
 * @param inIsTerminal whether somebody can be asked
 * @param colour whether messages may be coloured
 */
record Terminal(
    InputStream in,
    PrintStream out,
    PrintStream err,
    boolean inIsTerminal,
    boolean outIsTerminal,
    boolean errIsTerminal,
    boolean colour) {

  /** The process's own. */
  static Terminal ofProcess(Map<String, String> environment) {
    boolean errIsTerminal = ThisHost.isTerminal(2);
    boolean plain =
        !environment.getOrDefault("NO_COLOR", "").isEmpty()
            || environment.getOrDefault("TERM", "").equals("dumb");
    return new Terminal(
        System.in,
        new StandardOutput(new FileOutputStream(FileDescriptor.out)),
        new StandardOutput(new FileOutputStream(FileDescriptor.err)),
        ThisHost.isTerminal(0),
        ThisHost.isTerminal(1),
        errIsTerminal,
        errIsTerminal && !plain);
  }

  void flush() {
    out.flush();
    err.flush();
  }

  /** A message for the person at the terminal, at once. */
  void say(String message) {
    out.flush();
    err.println(message);
    err.flush();
  }

  /** Whether somebody still reads the data: who goes on for ever ends when nobody does. */
  boolean isRead() {
    return !out.checkError();
  }

  /** Ends a command's output; returns its exit code, that of a failure if not all was written. */
  int end(int code) {
    flush();
    Optional<String> loss = out instanceof StandardOutput own ? own.loss() : Optional.empty();
    if (loss.isEmpty()) {
      return code;
    }
    new ErrorText(this)
        .print(
            ErrorCode.IO.text(),
            "not all of the output was written: " + loss.get(),
            "what has arrived of it is incomplete: look at where it goes, and try again");
    return code == ExitCode.DONE ? ExitCode.FAILED : code;
  }
}
