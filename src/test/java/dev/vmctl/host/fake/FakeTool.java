package dev.vmctl.host.fake;

import dev.vmctl.host.ToolResult;
import java.util.List;

/** One program of the fake host. */
interface FakeTool {
  /**
   * @param arguments without the program
   * @throws Refusal when it fails
   */
  String run(List<String> arguments);

  /** A failure of a program, in its own words. */
  final class Refusal extends RuntimeException {
    private static final long serialVersionUID = 1L;

    private final int exitCode;

    Refusal(int exitCode, String errors) {
      super(errors);
      this.exitCode = exitCode;
    }

    ToolResult result() {
      return new ToolResult(exitCode, "", getMessage() + "\n");
    }
  }

  /** What a program answers to a command line it does not take: never expected of us. */
  final class Usage extends RuntimeException {
    private static final long serialVersionUID = 1L;

    Usage(String why) {
      super(why);
    }
  }
}
