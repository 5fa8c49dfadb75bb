package dev.vmctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.api.LogKind;
import dev.vmctl.api.ProgramView;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is done in a guest, or seen of it, without a network. */
class GuestCommandsTest {
  @TempDir Path directory;
  private CliRun cli;

  @BeforeEach
  void makeCli() {
    cli = new CliRun(directory);
    cli.vmctl.add(Vms.ready("web"));
  }

  private static ProgramView.End end(int code, String out, String err, boolean cut) {
    return new ProgramView.End(
        code, out.getBytes(StandardCharsets.UTF_8), err.getBytes(StandardCharsets.UTF_8), cut);
  }

  @Test
  void aProgramsOutputErrorsAndExitCodeArePassedOn() {
    cli.vmctl.programEnd = end(7, "out", "err\n", false);
    cli.input = "not asked for";
    assertThat(cli.run("exec", "web", "--", "sh", "-c", "x -y"))
        .isEqualTo(new CliRun.Result(7, "out", "err\n"));
    assertThat(cli.vmctl.calls).containsExactly("program [sh, -c, x -y] 0 in web");
  }

  @Test
  void itsInputIsOursWhenThatIsWanted() {
    cli.vmctl.programEnd = end(0, "", "", true);
    cli.input = "abc";
    assertThat(cli.run("exec", "-i", "web", "--", "cat").err()).contains("the rest is lost");
    assertThat(cli.vmctl.calls).containsExactly("program [cat] 3 in web");
  }

  @Test
  void oneThatTakesTooLongIsEnded() {
    cli.step = Duration.ofSeconds(3);
    CliRun.Result result = cli.run("exec", "--timeout", "10s", "web", "--", "sleep", "1d");
    assertThat(result.code()).isEqualTo(255);
    assertThat(result.err()).startsWith("error[timeout]: ").contains("10s", "SIGTERM");
    assertThat(cli.vmctl.calls)
        .containsExactly("program [sleep, 1d] 0 in web", "program [kill, -TERM, 7] 0 in web");
  }

  @Test
  void aFailureOfOursIsNoExitCodeOfTheGuest() {
    assertThat(cli.run("exec", "wib", "--", "true"))
        .satisfies(
            result -> {
              assertThat(result.code()).isEqualTo(255);
              assertThat(result.err()).startsWith("error[vm.not_found]");
            });
    assertThat(cli.run("exec", "web").code()).isEqualTo(64);
  }

  @Test
  void aScreenGoesIntoAFileOrAPipeButNoTerminal() {
    assertThat(cli.run("screenshot", "web").err()).contains("web.png");
    assertThat(directory.resolve("web.png")).isNotEmptyFile();
    assertThat(cli.run("screenshot", "web", "sub.png").code()).isZero();
    assertThat(directory.resolve("sub.png")).hasSameBinaryContentAs(directory.resolve("web.png"));
    assertThat(cli.run("screenshot", "web", "-").out()).contains("PNG");
    cli.outIsTerminal = true;
    assertThat(cli.run("screenshot", "web", "-").code()).isEqualTo(64);
    assertThat(cli.run("screenshot", "web", "none/such.png").err()).startsWith("error[io]");
  }

  @Test
  void labelsAreGivenAndTakenAway() {
    assertThat(cli.run("label", "web", "stage=test", "owner-", "empty=").code()).isZero();
    assertThat(cli.vmctl.calls).containsExactly("label {empty=, stage=test} [owner] web");
    for (String wrong : new String[] {"a", "=b", "a=b c", "-", "a b-"}) {
      assertThat(cli.run("label", "web", wrong).code()).as(wrong).isEqualTo(64);
    }
    assertThat(cli.run("label", "web", "a=b", "a-").code()).isEqualTo(64);
    assertThat(cli.run("label", "web").code()).isZero();
  }

  @Test
  void aLogBeginsWhereItWasThen() {
    cli.vmctl.write("web", LogKind.CONSOLE, "one\ntwo\nthree\n");
    cli.vmctl.sinceOffset = 4;
    assertThat(cli.run("log", "web", "--console", "--since", "10m").out())
        .isEqualTo("two\nthree\n");
    assertThat(cli.run("log", "web", "--console", "--since", "10m", "-n", "1").out())
        .isEqualTo("three\n");
    assertThat(cli.run("log", "web", "--console", "--since", "10m", "-n", "9").out())
        .isEqualTo("two\nthree\n");
    assertThat(cli.run("log", "web", "--since", "soon").code()).isEqualTo(64);
  }
}
