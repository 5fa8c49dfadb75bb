package dev.vmctl.cli;

import dev.vmctl.model.VmException;
import java.util.List;

/** Runs another program in our place: with our terminal, our input and our output. */
interface Foreground {
  /**
   * Runs it to its end and returns its exit code.
   *
   * @throws VmException IO when it cannot be started
   */
  int run(List<String> command);
}
