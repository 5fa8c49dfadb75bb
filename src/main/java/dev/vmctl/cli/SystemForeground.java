package dev.vmctl.cli;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.util.List;

/** Hands the process's own streams to the program. */
final class SystemForeground implements Foreground {
  @Override
  public int run(List<String> command) {
    try {
      return new ProcessBuilder(command).inheritIO().start().waitFor();
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
