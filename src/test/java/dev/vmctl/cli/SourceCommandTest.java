package dev.vmctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SourceCommandTest {
  @TempDir Path directory = Path.of("/nonexistent");
  private CliRun cli = new CliRun(directory);

  @BeforeEach
  void run() {
    cli = new CliRun(directory);
  }

  @ParameterizedTest
  @ValueSource(strings = {"table", "json", "name"})
  void sourcesAreWrittenAs(String format) throws IOException {
    Golden.check("source-" + format, cli.run("source", "list", "-o", format).out());
  }

  @Test
  void aSourceIsLookedAtLeftAloneAndFollowedAgain() {
    for (String command : new String[] {"sync", "suspend", "resume"}) {
      assertThat(cli.run("source", command, "fleet").code()).isZero();
    }
    assertThat(cli.vmctl.calls).containsExactly("sync fleet", "suspend fleet", "resume fleet");
  }

  @Test
  void withoutADaemonNothingIsFollowed() {
    cli.vmctl.daemon = false;
    CliRun.Result result = cli.run("source", "list");
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains("no source is followed", "vmctl daemon --git");
  }
}
