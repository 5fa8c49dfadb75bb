package dev.vmctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

class UsageTest {
  @TempDir Path directory;
  private CliRun cli;

  @BeforeEach
  void makeCli() {
    cli = new CliRun(directory);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "",
        "list --nonsense",
        "list Extra_1",
        "list -o xml",
        "status",
        "status -o name web",
        "status Web_1",
        "stop web --timeout soon",
        "up --provision --no-provision",
        "events --since yesterday",
        "create --name a",
        "create --name a --image x --image-url y",
        "create --name a --image-url y --vcpus 0",
        "create --name a --image-url y --memory 0",
        "image",
        "image pull",
        "image pull a b --name c",
        "image rm",
        "trash",
        "trash empty",
        "daemon",
        "ssh a b",
        "log a -n -1",
        "top --count 0",
        "list -o jsonpath=",
      })
  void aWrongCommandLineEndsWith64(String line) {
    CliRun.Result result = cli.run(line.isEmpty() ? new String[0] : line.split(" ", -1));

    assertThat(result.code()).as(result.err()).isEqualTo(64);
    assertThat(result.out()).isEmpty();
    assertThat(result.err()).startsWith("error[usage]: ").contains("\n  help: ");
  }

  /** What was written, and what is wrong with it; no word of the parser's own. */
  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      quoteCharacter = '"',
      value = {
        "status web Up | 'Up' is not a VM name: 'U' is not allowed in it",
        "start Up | 'Up' is not a VM name: 'U' is not allowed in it",
        "wait web --for never | 'never' cannot be waited for, but ready, running",
        "list -l =x | '=x' selects no labels: write key=value",
        "list -o xml | there is no output format 'xml', but table",
        "create --name a | Missing required argument (specify one of these): (--image=FILE",
      })
  void aWrongWordIsToldInOurOwnWords(String line, String told) {
    assertThat(cli.run(line.split(" ", -1)).err())
        .startsWith("error[usage]: " + told)
        .doesNotContain("Exception");
  }

  @Test
  void whoForgetsTheDashesBeforeAGuestsCommandIsTold() {
    assertThat(cli.run("ssh", "web", "uname", "-a").err()).contains("help: the guest's command");
    assertThat(cli.run("exec", "web", "uname").err()).contains("comes after two dashes");
  }

  @Test
  void anUnknownCommandNamesNearOnes() {
    CliRun.Result result = cli.run("lists");

    assertThat(result.code()).isEqualTo(64);
    assertThat(result.err())
        .startsWith("error[usage]: there is no command 'lists'\n  help: did you mean 'list'");
  }

  @Test
  void helpIsShownByTheHelpCommandToo() {
    assertThat(cli.run("help", "up").out()).isEqualTo(cli.run("up", "--help").out());
    assertThat(cli.run("help").out()).isEqualTo(cli.run("--help").out());
  }

  @Test
  void globalOptionsMayStandBeforeAndAfterTheCommand() {
    assertThat(cli.run("--data-dir", "/x", "list").code()).isZero();
    assertThat(cli.run("list", "--data-dir=/x", "--lock-timeout", "5s").code()).isZero();
  }

  @Test
  void aFailureEndsWith1AndSaysWhatToDo() {
    CliRun.Result result = cli.run("status", "wbe");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.out()).isEmpty();
    assertThat(result.err())
        .isEqualTo(
            CliRun.lines(
                "error[vm.not_found]: there is no VM 'wbe'", "  help: did you mean 'web'?"));
  }

  @Test
  void verboseShowsWhereAnErrorCameFrom() {
    assertThat(cli.run("status", "wbe", "-v").err()).contains("\tat dev.vmctl");
  }

  @Test
  void errorsAreRedOnlyWhereColourIsWanted() {
    cli.colour = true;

    assertThat(cli.run("status", "wbe").err()).startsWith("\u001b[1;31merror[vm.not_found]");
  }

  @Test
  void theVersionIsShownWithoutADaemon() {
    assertThat(cli.run("version").out()).isEqualTo("vmctl 0.1.0\n");
    assertThat(cli.run("--version").out()).isEqualTo("vmctl 0.1.0\n");
  }
}
