package dev.vmctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.vmctl.host.LinuxHostFacts;
import dev.vmctl.host.LinuxHostProcesses;
import dev.vmctl.host.ToolResult;
import dev.vmctl.host.ToolRun;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SystemdUnitsTest {
  private static final Path UNITS =
      Path.of(System.getProperty("vmctl.basedir", ".")).resolve("examples/systemd");

  @TempDir Path directory;

  @Test
  void systemdItselfUnderstandsEveryLine() throws Exception {
    assumeThat(LinuxHostFacts.ofThisProcess().findProgram("systemd-analyze"))
        .as("systemd-analyze is not installed (apt-get install systemd): skipped")
        .isPresent();
    Path vmctl = Files.createSymbolicLink(directory.resolve("vmctl"), Path.of("/bin/true"));
    List<String> command = new ArrayList<>(List.of("systemd-analyze", "verify", "--man=no"));
    try (Stream<Path> units = Files.list(UNITS)) {
      for (Path unit : units.filter(file -> file.toString().endsWith(".service")).toList()) {
        String text = Files.readString(unit).replace("/usr/local/bin/vmctl", vmctl.toString());
        command.add(Files.writeString(directory.resolve(unit.getFileName()), text).toString());
      }
    }
    assertThat(command).hasSizeGreaterThan(3);

    ToolResult verified =
        new LinuxHostProcesses().run(new ToolRun(command, Duration.ofSeconds(60)));

    assertThat(verified.output() + verified.errors()).isEmpty();
    assertThat(verified.succeeded()).isTrue();
  }
}
