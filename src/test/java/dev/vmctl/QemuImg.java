package dev.vmctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vmctl.host.LinuxHostFacts;
import dev.vmctl.host.LinuxHostProcesses;
import dev.vmctl.host.ToolResult;
import dev.vmctl.host.ToolRun;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** QEMU's own tool, as the judge of what we write. */
public final class QemuImg {
  private static final Duration DEADLINE = Duration.ofSeconds(60);

  private QemuImg() {}

  /** The tests of whoever has no qemu-img are skipped, saying so. */
  public static void assumeInstalled() {
    assumeThat(LinuxHostFacts.ofThisProcess().findProgram("qemu-img"))
        .as("qemu-img is not installed (apt-get install qemu-utils): skipped")
        .isPresent();
  }

  public static ToolResult run(String... arguments) throws InterruptedException {
    List<String> command = new ArrayList<>(List.of("qemu-img"));
    command.addAll(List.of(arguments));
    return new LinuxHostProcesses().run(new ToolRun(command, DEADLINE));
  }

  public static void succeed(String... arguments) throws InterruptedException {
    ToolResult result = run(arguments);
    assertThat(result.exitCode()).as(result.errors()).isZero();
  }

  /** What the tool tells of an image, but for its name and the blocks it happens to take. */
  public static JsonNode info(Path image) throws Exception {
    ToolResult result = run("info", "--output=json", image.toString());
    assertThat(result.exitCode()).as(result.errors()).isZero();
    ObjectNode info = (ObjectNode) new ObjectMapper().readTree(result.output());
    info.remove(List.of("filename", "actual-size", "children"));
    return info;
  }

  /** No errors, no leaks. */
  public static void check(Path image) throws InterruptedException {
    ToolResult result = run("check", "-f", "qcow2", image.toString());
    assertThat(result.exitCode()).as(result.output() + result.errors()).isZero();
    assertThat(result.output()).contains("No errors were found");
  }
}
