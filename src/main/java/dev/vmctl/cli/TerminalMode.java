package dev.vmctl.cli;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.File;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** The mode of the process's terminal, as {@code stty} reads and sets it. */
final class TerminalMode implements AutoCloseable {
  private static final int DEFAULT_COLUMNS = 80;

  private final String saved;

  private TerminalMode(String saved) {
    this.saved = saved;
  }

  /** Hands every key through as it is pressed, until closed. */
  static TerminalMode raw() {
    TerminalMode mode = new TerminalMode(stty(List.of("-g")));
    stty(List.of("raw", "-echo"));
    return mode;
  }

  /** The width of the terminal; 80 when nothing is known. */
  static int columns() {
    try {
      String[] size = stty(List.of("size")).split(" ", -1);
      int columns = size.length == 2 ? Integer.parseInt(size[1]) : 0;
      return columns > 0 ? columns : DEFAULT_COLUMNS;
    } catch (VmException | NumberFormatException unknown) {
      return DEFAULT_COLUMNS;
    }
  }

  /**
   * What tells a guest's shell the terminal's size, as typed.
   *
   * @throws VmException IO where there is no terminal
   */
  static String size() {
    String[] size = stty(List.of("size")).split(" ", -1);
    return "stty rows " + size[0] + " cols " + size[1] + "\r";
  }

  @Override
  public void close() {
    stty(List.of(saved));
  }

  private static String stty(List<String> arguments) {
    List<String> command = new ArrayList<>(List.of("stty"));
    command.addAll(arguments);
    try {
      Process process =
          new ProcessBuilder(command)
              .redirectInput(new File("/dev/tty"))
              .redirectErrorStream(true)
              .start();
      String output =
          new String(process.getInputStream().readAllBytes(), StandardCharsets.UTF_8).strip();
      if (process.waitFor() != 0) {
        throw failed(output, null);
      }
      return output;
    } catch (IOException broken) {
      throw failed(String.valueOf(broken.getMessage()), broken);
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      throw failed("interrupted", stop);
    }
  }

  private static VmException failed(String why, @Nullable Throwable cause) {
    return new VmException(
        ErrorCode.IO, "the terminal cannot be set: " + why, "run this on a terminal", cause);
  }
}
