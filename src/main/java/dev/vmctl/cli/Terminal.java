package dev.vmctl.cli;

import dev.vmctl.host.ThisHost;
import java.io.BufferedOutputStream;
import java.io.FileDescriptor;
import java.io.FileOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Map;

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

  private static final int BUFFER = 16 * 1024;

  /** The process's own. Data is UTF-8 whatever the locale, and buffered until {@link #flush}. */
  static Terminal ofProcess(Map<String, String> environment) {
    boolean errIsTerminal = ThisHost.isTerminal(2);
    boolean plain =
        !environment.getOrDefault("NO_COLOR", "").isEmpty()
            || environment.getOrDefault("TERM", "").equals("dumb");
    return new Terminal(
        System.in,
        stream(FileDescriptor.out),
        stream(FileDescriptor.err),
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

  private static PrintStream stream(FileDescriptor descriptor) {
    return new PrintStream(
        new BufferedOutputStream(new FileOutputStream(descriptor), BUFFER),
        false,
        StandardCharsets.UTF_8);
  }
}
