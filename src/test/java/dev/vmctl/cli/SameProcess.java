package dev.vmctl.cli;

import java.io.ByteArrayOutputStream;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/**
 * Runs command lines in this JVM, for tests that ask the same question again and again: a process
 * of its own for each would take the processors that the guests need.
 */
public final class SameProcess {
  private SameProcess() {}

  /** What a command left behind. */
  public record Ended(int exitCode, String out, String err) {}

  /** Runs {@code vmctl --data-dir DATA ARGUMENTS} to its end. */
  public static Ended vmctl(Path data, List<String> arguments) {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    ByteArrayOutputStream err = new ByteArrayOutputStream();
    Terminal terminal =
        new Terminal(
            InputStream.nullInputStream(), stream(out), stream(err), false, false, false, false);
    List<String> line = new ArrayList<>(List.of("--data-dir", data.toString()));
    line.addAll(arguments);
    int exitCode = Main.run(terminal, line.toArray(String[]::new));
    terminal.flush();
    return new Ended(
        exitCode, out.toString(StandardCharsets.UTF_8), err.toString(StandardCharsets.UTF_8));
  }

  private static PrintStream stream(ByteArrayOutputStream bytes) {
    return new PrintStream(bytes, false, StandardCharsets.UTF_8);
  }
}
