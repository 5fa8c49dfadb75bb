package dev.vmctl.cli;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Hands the process's own streams to the program, which ends when the process is ended. */
final class SystemForeground implements Foreground {
  private static final int BUFFER = 64 * 1024;

  @Override
  public int run(List<String> command, @Nullable PrintStream output) {
    try {
      ProcessBuilder builder = new ProcessBuilder(command).inheritIO();
      if (output != null) {
        builder.redirectOutput(ProcessBuilder.Redirect.PIPE);
      }
      Process program = builder.start();
      // Ctrl-C reaches both; who ends this process alone, such as a service manager, means both.
      try (Interruption _ = Interruption.doing(program::destroy)) {
        if (output != null && !passOn(program.getInputStream(), output)) {
          program.destroy();
          program.waitFor();
          return ExitCode.DONE; // Whose output was lost, says Terminal.
        }
        return program.waitFor();
      }
    } catch (IOException missing) {
      throw new VmException(
          ErrorCode.IO,
          "'" + command.getFirst() + "' cannot be run: " + missing.getMessage(),
          "install it, such as with 'apt install openssh-client'",
          missing);
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      throw new VmException(ErrorCode.IO, "interrupted", "", stop);
    }
  }

  /** Whether all of it was taken. */
  private static boolean passOn(InputStream from, PrintStream to) throws IOException {
    byte[] buffer = new byte[BUFFER];
    for (int length = from.read(buffer); length >= 0; length = from.read(buffer)) {
      to.write(buffer, 0, length);
      if (to.checkError()) {
        return false;
      }
    }
    return true;
  }
}
