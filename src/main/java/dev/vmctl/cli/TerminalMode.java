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

  static int columns() {
    return measured().columns();
  }

  /** The size of the terminal; the usual one when nothing is known. */
  static TerminalSize measured() {
    try {
      String[] size = stty(List.of("size")).split(" ", -1);
      int lines = Integer.parseInt(size[0]);
      int columns = size.length == 2 ? Integer.parseInt(size[1]) : 0;
      return columns > 0 && lines > 0 ? new TerminalSize(columns, lines) : TerminalSize.USUAL;
    } catch (VmException | NumberFormatException unknown) {
      return TerminalSize.USUAL;
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
