package dev.vmctl.host;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/** Runs short tools to their end: the same on every host. */
final class ToolRunner {
  /** See {@link HostProcesses#run}. */
  ToolResult run(ToolRun tool) throws InterruptedException {
    Process process = startTool(tool);
    ToolStreams streams = new ToolStreams(process, tool.input());
    try {
      if (!process.waitFor(tool.deadline().toNanos(), TimeUnit.NANOSECONDS)) {
        throw new VmException(
            ErrorCode.TIMEOUT,
            describe(tool) + " did not end within " + tool.deadline().toMillis() + " ms",
            "the host may be overloaded, or a file system it uses may hang");
      }
      return streams.result(process.exitValue());
    } catch (TimeoutException e) {
      throw new VmException(
          ErrorCode.TIMEOUT,
          describe(tool) + " ended, but something it started keeps its output open",
          "",
          e);
    } catch (IOException e) {
      throw new VmException(
          ErrorCode.IO, "cannot run " + describe(tool) + ": " + e.getMessage(), "", e);
    } finally {
      process.descendants().forEach(ProcessHandle::destroyForcibly);
      process.destroyForcibly();
    }
  }

  private static Process startTool(ToolRun tool) {
    ProcessBuilder builder = new ProcessBuilder(tool.command());
    // Messages are matched and shown: one language.
    builder.environment().put("LC_ALL", "C.UTF-8");
    builder.environment().putAll(tool.environment());
    try {
      return builder.start();
    } catch (IOException e) {
      throw new VmException(
          ErrorCode.IO,
          "cannot run " + describe(tool) + ": " + e.getMessage(),
          "check that it is installed and on the PATH",
          e);
    }
  }

  private static String describe(ToolRun tool) {
    return Path.of(tool.command().getFirst()).getFileName().toString();
  }
}
