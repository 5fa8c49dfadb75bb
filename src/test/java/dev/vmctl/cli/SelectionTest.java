package dev.vmctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.Map;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;
import org.junit.jupiter.params.provider.ValueSource;

/** Several VMs at once: by name, by label, all; and waiting for them. */
@Timeout(30)
class SelectionTest {
  @TempDir Path directory;
  private CliRun cli;

  @BeforeEach
  void threeVms() {
    cli = new CliRun(directory);
    cli.vmctl.add(Vms.ready("web")); // tier=front, example.org/stage=test
    cli.vmctl.add(Vms.stopped("db"));
    cli.vmctl.add(Vms.stopped("cache"));
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "tier=front | true",
        "tier==front | true",
        "tier=back | false",
        "tier!=back | true",
        "tier!=front | false",
        "other!=x | true",
        "tier | true",
        "!tier | false",
        "!other | true",
        "tier=front,example.org/stage=test | true",
        "tier=front, !example.org/stage | false",
        "tier= | false",
      })
  void labelsAreSelectedAsKubectlDoes(String selector, boolean selected) {
    Map<String, String> labels = Map.of("tier", "front", "example.org/stage", "test");
    assertThat(LabelSelector.parse(selector).matches(labels)).isEqualTo(selected);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "list -l =x",
        "list -l a,,b",
        "list -l !a=b",
        "list web --all",
        "list web -l tier=front",
        "start",
        "start --all web",
        "stop",
        "destroy",
        "wait",
        "wait web --for fun",
        "wait web --for condition=Fun",
        "wait web --for condition=Ready=Perhaps",
        "list -o jsonpath={.name",
      })
  void whatSelectsNothingOrTwiceIsAWrongCommandLine(String line) {
    CliRun.Result result = cli.run(line.split(" ", -1));
    assertThat(result.code()).as(result.err()).isEqualTo(64);
    assertThat(result.out()).isEmpty();
  }

  @Test
  void theOthersAreShownWhenOneIsMissing() {
    CliRun.Result result = cli.run("list", "web", "wbe", "db", "-o", "name");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.out()).isEqualTo("web\ndb\n");
    assertThat(result.err())
        .isEqualTo("error[vm.not_found]: there is no VM 'wbe'\n  help: did you mean 'web'?\n");
  }

  @Test
  void theOthersAreStartedWhenOneIsMissing() {
    CliRun.Result result = cli.run("start", "wbe", "web");

    assertThat(result.code()).isEqualTo(1);
    assertThat(cli.vmctl.calls).containsExactly("start web");
    assertThat(result.err()).contains("there is no VM 'wbe'", "web: ready");
  }

  @Test
  void labelsChooseWhatIsListedAndCommanded() {
    assertThat(cli.run("list", "-l", "tier=front", "-o", "name").out()).isEqualTo("web\n");
    assertThat(cli.run("list", "-l", "!tier", "-o", "name").out()).isEqualTo("cache\ndb\n");
    assertThat(cli.run("stop", "-l", "!tier").code()).isZero();
    assertThat(cli.vmctl.calls).containsExactly("stop 30s cache", "stop 30s db");
  }

  @Test
  void labelsThatNoVmHasChooseNothing() {
    CliRun.Result result = cli.run("stop", "-l", "tier=back");

    assertThat(result.code()).isZero();
    assertThat(result.err()).isEqualTo("no VM has the labels tier=back\n");
    assertThat(cli.vmctl.calls).isEmpty();
  }

  @Test
  void allAreDestroyedOnlyAfterAQuestion() {
    assertThat(cli.run("destroy", "--all").code()).as("nobody to ask").isEqualTo(64);
    cli.inIsTerminal = true;
    cli.input = "n\n";
    CliRun.Result refused = cli.run("destroy", "--all");
    assertThat(refused.code()).isEqualTo(1);
    assertThat(refused.err()).contains("Destroy cache, db, web?", "nothing was destroyed");
    assertThat(cli.vmctl.calls).isEmpty();

    cli.vmctl.add(Vms.busy("web", "stopping"));
    cli.vmctl.thenGone("web");
    CliRun.Result destroyed = cli.run("destroy", "-l", "tier", "--yes");
    assertThat(destroyed.code()).as(destroyed.err()).isZero();
    assertThat(cli.vmctl.calls).containsExactly("destroy web");
  }

  @Test
  void aStatusOfOneNameIsAnObjectAndOthersAreAnArray() {
    assertThat(cli.run("status", "web", "-o", "json").out()).startsWith("{");
    assertThat(cli.run("status", "web", "db", "-o", "json").out()).startsWith("[");
    assertThat(cli.run("status", "--all", "-o", "jsonpath={[*].name}").out())
        .isEqualTo("cache db web\n");
    assertThat(cli.run("status", "-l", "tier", "-o", "jsonpath={[0].conditions[0].type}").out())
        .isEqualTo("Ready\n");
  }

  @Test
  void aTableMayBeWithoutItsHeading() {
    assertThat(cli.run("list", "--no-headers", "web").out()).startsWith("web ");
  }

  @Test
  void waitingEndsWhenAllAreAsWanted() {
    cli.vmctl.add(Vms.busy("web", "starting"));
    cli.vmctl.then(Vms.ready("web"));

    CliRun.Result result = cli.run("wait", "web");

    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err()).contains("web: starting", "web: ready");
    assertThat(cli.vmctl.calls).as("it only looks").isEmpty();
    assertThat(cli.run("wait", "db", "cache", "--for", "stopped").code()).isZero();
    assertThat(cli.run("wait", "web", "--for=condition=ready").code()).isZero();
    assertThat(cli.run("wait", "db", "--for=condition=Ready=false").code()).isZero();
  }

  @Test
  void waitingForAnEndIsOverWhenTheVmIsGoneOrNeverWas() {
    cli.vmctl.thenGone("web");
    assertThat(cli.run("wait", "web", "--for", "gone").code()).isZero();
    assertThat(cli.run("wait", "web", "--for", "gone").code()).isZero();
    assertThat(cli.run("wait", "web").code()).isEqualTo(1);
  }

  @Test
  void waitingThatTakesTooLongSaysWhatTheLatestWas() {
    cli.step = Duration.ofSeconds(3);

    CliRun.Result result = cli.run("wait", "db", "web", "--timeout", "2s");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err())
        .contains("web: ready", "error[timeout]: db: not ready after 2.0s; the latest was: stopped")
        .doesNotContain("error[timeout]: web");
  }

  @Test
  void withoutADaemonTheVmsAreLookedAt() {
    cli.vmctl.daemon = false;
    assertThat(cli.run("wait", "web").code()).isZero();
  }

  @Test
  void aWatchedListShowsEachVmThatChangesAgain() {
    cli.vmctl.then(Vms.busy("web", "stopping"));
    cli.vmctl.then(Vms.stopped("web"));
    cli.vmctl.thenGone("web");

    CliRun.Result result = cli.run("list", "web", "--watch");

    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err()).isEqualTo("web: gone\n");
    assertThat(result.out().lines().map(line -> line.split(" +")).map(cells -> cells[1] + cells[2]))
        .containsExactly("STATEREADY", "runningyes", "runningno", "stoppedno");
    int[] columns = result.out().lines().mapToInt(line -> line.indexOf("qemu")).toArray();
    assertThat(columns[1]).as("aligned").isEqualTo(columns[2]).isEqualTo(columns[3]);
  }

  @Test
  void aWatchedListForProgramsIsALineEach() {
    cli.vmctl.then(Vms.stopped("web"));
    cli.vmctl.thenGone("web");

    String out = cli.run("list", "web", "-w", "-o", "jsonpath={.name} {.state}").out();

    assertThat(out).isEqualTo("web running\nweb stopped\n");
  }

  @Test
  void anEmptyListNamesTheSystemsVms() throws Exception {
    CliRun empty = new CliRun(directory);
    assertThat(empty.run("list").err()).isEmpty();
    Files.createDirectory(directory.resolve("system"));
    assertThat(empty.run("list").err()).contains("vmctl list --system");
    assertThat(empty.run("list", "--system").err()).isEmpty();
    assertThat(empty.run("list", "-o", "json").err()).isEmpty();
  }

  @Test
  void aDaemonThatIsNamedButDoesNotAnswerIsNotReplacedByUs() {
    cli.environment.put("VMCTL_HOST", "unix://" + directory + "/no.sock");
    assertThat(cli.run("list").err()).startsWith("error[daemon.unreachable]");
    assertThat(cli.run("start", "web").code()).isEqualTo(1);
    assertThat(cli.vmctl.calls).isEmpty();
    assertThat(cli.run("list", "--data-dir", "/x").code()).as("said is said").isZero();
    cli.environment.put("VMCTL_HOST", "ssh://elsewhere");
    assertThat(cli.run("list").code()).isEqualTo(64);
  }

  @Test
  void aTableFitsTheTerminalAndKeepsItsFirstColumn() {
    TableText table =
        new TableText("NAME", "MESSAGE", "X").row("w".repeat(30), "m".repeat(90), "y".repeat(20));
    String fitted = table.fitting(() -> 90);
    assertThat(Arrays.stream(fitted.split("\n")))
        .allSatisfy(l -> assertThat(l).hasSizeLessThan(91));
    assertThat(fitted).contains("w".repeat(30) + "  m", "m…  " + "y".repeat(20));
    assertThat(table.fitting(() -> 1000)).isEqualTo(table.text());
    assertThat(table.fitting(() -> 50)).contains("w".repeat(30) + "  mmmmmmm…  yyyyyyy…");
    assertThat(table.fitting(() -> 40).lines().mapToInt(String::length)).containsOnly(40);
    assertThat(table.fitting(() -> 20)).contains("w".repeat(30) + "…\n");
  }
}
