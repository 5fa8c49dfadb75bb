package dev.vmctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.api.http.RehearsalDaemon;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.hypervisor.qemu.RehearsalQemu;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class RehearsalTest {
  @TempDir Path directory;

  private final ByteArrayOutputStream out = new ByteArrayOutputStream();

  @Test
  void aCommandTakesTheRehearsalForADaemon() throws IOException {
    Terminal terminal = terminal();

    try (RehearsalDaemon daemon = new RehearsalDaemon(directory)) {
      assertThat(Main.run(terminal, "--data-dir", directory.toString(), "list", "-o", "name"))
          .isZero();
      assertThat(Main.run(terminal, "--data-dir", directory.toString(), "version")).isZero();
      assertThat(Main.run(terminal, "--data-dir", directory.toString(), "status", "other"))
          .isEqualTo(ExitCode.FAILED);
    }

    assertThat(out.toString(StandardCharsets.UTF_8))
        .contains(RehearsalDaemon.VM, "daemon ", "error[vm.not_found]");
  }

  @Test
  void withoutADaemonACommandFindsAVmThereThatIsStoppedAndOneThatRuns() throws IOException {
    VmHandle vm = Rehearsal.alone(directory);
    String data = vm.runDirectory().toString();

    assertThat(Main.run(terminal(), "--data-dir", data, "list")).isZero();
    assertThat(out.toString(StandardCharsets.UTF_8))
        .containsPattern(RehearsalDaemon.VM + " +stopped");

    try (RehearsalQemu qemu = new RehearsalQemu(vm)) {
      assertThat(Main.run(terminal(), "--data-dir", data, "list")).isZero();
    }
    assertThat(out.toString(StandardCharsets.UTF_8))
        .containsPattern(RehearsalDaemon.VM + " +running");
  }

  private Terminal terminal() {
    PrintStream stream = new PrintStream(out, false, StandardCharsets.UTF_8);
    return new Terminal(InputStream.nullInputStream(), stream, stream, false, false, false, false);
  }
}
