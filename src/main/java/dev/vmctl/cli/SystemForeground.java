package dev.vmctl.cli;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.util.List;

/** Hands the process's own streams to the program, which ends when the process is ended. */
final class SystemForeground implements Foreground {
  @Override
  public int run(List<String> command) {
    try {
      Process program = new ProcessBuilder(command).inheritIO().start();
      // Ctrl-C reaches both; who ends this process alone, such as a service manager, means both.
      try (Interruption _ = Interruption.doing(program::destroy)) {
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
}
