package dev.vmctl.host;

/**
 * How a tool ended.
 *
 * @param exitCode 0 to 255; 128 + signal number when a signal ended it
 * @param output what it wrote to stdout, as UTF-8
 * @param errors what it wrote to stderr, as UTF-8
 */
public record ToolResult(int exitCode, String output, String errors) {
  public boolean succeeded() {
    return exitCode == 0;
  }
}
