package dev.vmctl.cli;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.util.Locale;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.ParameterException;

/** Asks before something is done that is hard to undo. */
final class Confirmation {
  private Confirmation() {}

  /**
   * Whether the person agrees; everything but a yes is a no.
   *
   * @throws ParameterException where nobody can be asked
   */
  static boolean asked(Terminal terminal, CommandSpec command, String question) {
    if (!terminal.inIsTerminal()) {
      throw new ParameterException(command.commandLine(), "nobody can be asked here: give --yes");
    }
    terminal.out().flush();
    terminal.err().print(question + " [y/N] ");
    terminal.err().flush();
    try {
      String answer =
          new BufferedReader(new InputStreamReader(terminal.in(), StandardCharsets.UTF_8))
              .readLine();
      return answer != null && answer.strip().toLowerCase(Locale.ROOT).startsWith("y");
    } catch (IOException unreadable) {
      throw new UncheckedIOException(unreadable);
    }
  }
}
