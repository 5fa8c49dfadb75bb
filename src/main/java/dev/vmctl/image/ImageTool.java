package dev.vmctl.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmctl.host.HostProcesses;
import dev.vmctl.host.ToolResult;
import dev.vmctl.host.ToolRun;
import dev.vmctl.json.Json;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** QEMU's own tool, for the formats that only it knows well. */
final class ImageTool {
  private static final Duration LOOK = Duration.ofSeconds(30);
  private static final Duration CONVERSION = Duration.ofHours(2);

  private final HostProcesses processes;

  ImageTool(HostProcesses processes) {
    this.processes = processes;
  }

  /**
   * Makes sure that QEMU can read an image as it is, and that it stands alone.
   *
   * @throws VmException image.invalid when it cannot, or needs other files
   */
  void requireReadable(Path file, ImageFormat format, String source) throws InterruptedException {
    ToolResult result =
        run(LOOK, "info", "--output=json", "-f", format.text(), file.toAbsolutePath().toString());
    if (!result.succeeded()) {
      throw new VmException(
          ErrorCode.IMAGE_INVALID,
          source + " is a damaged " + format.text() + " image: " + reason(result),
          "get it again; 'qemu-img info' tells more");
    }
    if (backingFile(result).length() > 0) {
      throw ImageProbe.overlay(source, backingFile(result));
    }
  }

  private static String backingFile(ToolResult result) {
    try {
      JsonNode facts = Json.mapper().readTree(result.output());
      return facts.path("backing-filename").asText("");
    } catch (IOException e) {
      throw new IllegalStateException("qemu-img writes JSON", e);
    }
  }

  /**
   * Makes a qcow2 image of one in another format.
   *
   * @param driver QEMU's name of its format
   * @throws VmException image.conversion_failed
   */
  void convert(Path from, String driver, Path to, String source) throws InterruptedException {
    ToolResult result =
        run(
            CONVERSION,
            "convert",
            "-f",
            driver,
            "-O",
            "qcow2",
            from.toAbsolutePath().toString(),
            to.toAbsolutePath().toString());
    if (!result.succeeded()) {
      throw new VmException(
          ErrorCode.IMAGE_CONVERSION_FAILED,
          "cannot convert " + source + " (" + driver + ") to qcow2: " + reason(result),
          "get it again, or convert it where it was made");
    }
  }

  private ToolResult run(Duration deadline, String... arguments) throws InterruptedException {
    List<String> command = new ArrayList<>(List.of("qemu-img"));
    command.addAll(List.of(arguments));
    return processes.run(new ToolRun(command, deadline));
  }

  private static String reason(ToolResult result) {
    return result.errors().strip().lines().findFirst().orElse("exit code " + result.exitCode());
  }
}
