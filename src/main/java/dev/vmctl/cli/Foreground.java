package dev.vmctl.cli;

import dev.vmctl.model.VmException;
import java.io.PrintStream;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Runs another program in our place: with our terminal, our input and our output. */
interface Foreground {
  /**
   * Runs it to its end and returns its exit code.
   *
   * @param output where its output goes instead, until nobody reads it any more; null: to ours
   * @throws VmException IO when it cannot be started
   */
  int run(List<String> command, @Nullable PrintStream output);

  default int run(List<String> command) {
    return run(command, null);
  }
}
