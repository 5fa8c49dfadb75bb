package dev.vmctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.api.http.RehearsalDaemon;
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

  @Test
  void aCommandTakesTheRehearsalForADaemon() throws IOException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    PrintStream stream = new PrintStream(out, false, StandardCharsets.UTF_8);
    Terminal terminal =
        new Terminal(InputStream.nullInputStream(), stream, stream, false, false, false, false);

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
}
