package dev.vmctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.api.PlanView;
import dev.vmctl.api.TrashView;
import dev.vmctl.api.VmStatus;
import dev.vmctl.model.Diagnostic;
import dev.vmctl.model.VmEvent;
import dev.vmctl.model.VmName;
import java.io.IOException;
import java.nio.file.Path;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;

class OutputTest {
  @TempDir Path directory;
  private CliRun cli;

  @BeforeEach
  void twoVms() {
    cli = new CliRun(directory);
    cli.vmctl.add(Vms.ready("web"));
    cli.vmctl.add(Vms.failed("database", "qemu.spawn_failed", "QEMU did not start: no memory"));
  }

  static Set<String> commands() {
    return new CommandTable().names();
  }

  @ParameterizedTest
  @ValueSource(strings = {"table", "wide", "json", "yaml", "name"})
  void theListIsWrittenAs(String format) throws IOException {
    CliRun.Result result = cli.run("list", "-o", format);

    assertThat(result.code()).isZero();
    assertThat(result.err()).isEmpty();
    Golden.check("list-" + format, result.out());
  }

  @ParameterizedTest
  @ValueSource(strings = {"table", "json", "yaml"})
  void theStatusIsWrittenAs(String format) throws IOException {
    Golden.check("status-" + format, cli.run("status", "web", "-o", format).out());
  }

  @ParameterizedTest
  @ValueSource(strings = {"table", "wide", "json"})
  void theHistoryIsWrittenAs(String format) throws IOException {
    Golden.check("history-" + format, cli.run("history", "web", "-o", format).out());
  }

  @ParameterizedTest
  @ValueSource(strings = {"table", "json"})
  void aDifferenceIsWrittenAs(String format) throws IOException {
    Golden.check("diff-" + format, cli.run("diff", "web", "1", "-o", format).out());
    assertThat(cli.vmctl.calls).containsExactly("diff web 1");
  }

  @Test
  void aRollbackSaysWhatItComesTo() throws IOException {
    CliRun.Result result = cli.run("rollback", "web", "--to", "1", "-o", "json");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(cli.vmctl.calls).containsExactly("rollback web 1");
    assertThat(result.err())
        .contains(
            "web: back to generation 1, until the next edit", "note: setup.sh is as it is now");
    Golden.check("rollback-json", result.out());
  }

  @Test
  void theStatusOfAFailedVmSaysWhatToDo() throws IOException {
    Golden.check("status-failed", cli.run("status", "database").out());
  }

  @Test
  void theStatusShowsHolds() {
    VmStatus vm = Vms.stopped("held");
    cli.vmctl.add(
        new VmStatus(
            vm.summary(),
            vm.uuid(),
            4,
            4,
            vm.conditions(),
            List.of(new VmStatus.HoldView("power", "stop", Vms.NOON, "stopped by hand")),
            0,
            vm.provision(),
            null,
            null,
            null,
            null,
            null,
            null,
            vm.paths(),
            "",
            true,
            null,
            null,
            List.of(),
            null,
            null));

    assertThat(cli.run("status", "held").out())
        .contains("hold power:   stopped by hand, by stop at 2026-03-04T12:00:00Z");
  }

  @ParameterizedTest
  @ValueSource(strings = {"table", "json"})
  void eventsAreWrittenAs(String format) throws IOException {
    cli.vmctl.events.add(
        new VmEvent(Vms.NOON, VmEvent.Type.NORMAL, "Started", new VmName("web"), "runs", 1));
    cli.vmctl.events.add(
        new VmEvent(Vms.NOON, VmEvent.Type.WARNING, "SourceUnknown", null, "\"vms\" is gone", 12));

    Golden.check("events-" + format, cli.run("events", "-o", format).out());
  }

  @Test
  void eventsCanBeAskedSinceSomeTimeAgo() {
    cli.run("events", "--vm", "web", "--since", "10m");

    assertThat(cli.vmctl.askedEvents)
        .isNotNull()
        .satisfies(query -> assertThat(query.vm()).isEqualTo(new VmName("web")))
        .satisfies(
            query -> assertThat(query.since()).isEqualTo(Instant.parse("2026-03-04T11:50:00.5Z")));
  }

  @Test
  void eventsAreFollowedThoughTheClockIsSetBack() {
    VmEvent first = new VmEvent(Vms.NOON, VmEvent.Type.NORMAL, "Started", null, "first", 1);
    cli.vmctl.events.add(first);
    for (String each : List.of("other", "web")) {
      cli.vmctl.thenEvent(
          new VmEvent(
              Vms.NOON.minusSeconds(3600),
              VmEvent.Type.WARNING,
              "Crash",
              new VmName(each),
              "second",
              1));
    }

    CliRun.Result result = cli.run("events", "-f", "--vm", "web");

    assertThat(Thread.interrupted()).isTrue();
    assertThat(result.out()).containsOnlyOnce("first").containsOnlyOnce("second").contains("web");
  }

  @ParameterizedTest
  @ValueSource(strings = {"table", "json"})
  void theTrashIsWrittenAs(String format) throws IOException {
    cli.vmctl.trash.add(new TrashView("t-1", "web", "disk", Vms.NOON, "reload", 3_000_000));

    Golden.check("trash-" + format, cli.run("trash", "list", "-o", format).out());
  }

  @ParameterizedTest
  @ValueSource(strings = {"table", "json", "yaml"})
  void aPlanIsWrittenAs(String format) throws IOException {
    cli.vmFile("web");
    cli.vmctl.plan =
        new PlanView(
            List.of(
                new PlanView.VmPlan("db", "none", "", List.of()),
                new PlanView.VmPlan(
                    "web",
                    "restart",
                    "memory changes",
                    List.of(
                        new PlanView.FieldChange("memory", "1024", "2048", "restart"),
                        new PlanView.FieldChange("cpu", null, "max", "restart")))));

    Golden.check("plan-" + format, cli.run("plan", "-o", format).out());
  }

  @Test
  void findingsAreWrittenAsJson() throws IOException {
    cli.vmFile("web");
    cli.diagnostics.add(
        new Diagnostic(
            Path.of("/srv/VMFile.kdl"),
            3,
            5,
            4,
            Diagnostic.Severity.ERROR,
            "vmfile.unknown_node",
            "'vcpu' is not known",
            "did you mean 'vcpus'?"));

    CliRun.Result result = cli.run("validate", "-o", "json");

    assertThat(result.code()).isEqualTo(1);
    Golden.check("validate-json", result.out());
  }

  @ParameterizedTest
  @MethodSource("commands")
  void everyCommandHasHelpWithExamples(String command) throws IOException {
    CliRun.Result result = cli.run(command, "--help");

    assertThat(result.code()).isZero();
    assertThat(result.out()).contains("Examples:\n  ").contains("vmctl " + command);
    assertThat(result.out().lines()).allSatisfy(line -> assertThat(line).hasSizeLessThan(101));
    Golden.check("help-" + command, result.out());
  }

  @Test
  void theHelpNamesEveryCommandAndExitCode() throws IOException {
    CliRun.Result result = cli.run("--help");

    assertThat(result.code()).isZero();
    assertThat(result.out()).contains(commands()).contains("255", "130", "64");
    Golden.check("help", result.out());
  }

  @ParameterizedTest
  @ValueSource(strings = {"bash", "zsh", "fish"})
  void completionsNameEveryCommand(String shell) {
    assertThat(cli.run("completion", shell).out()).contains(commands()).contains("no-provision");
  }
}
