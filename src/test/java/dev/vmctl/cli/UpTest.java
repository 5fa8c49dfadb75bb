package dev.vmctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.api.ApplyRequest;
import dev.vmctl.api.ApplyResult;
import dev.vmctl.api.LogKind;
import dev.vmctl.api.VmStatus;
import dev.vmctl.model.Diagnostic;
import dev.vmctl.model.VmName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class UpTest {
  private static final VmName WEB = new VmName("web");

  @TempDir Path directory;
  private CliRun cli;

  @BeforeEach
  void makeCli() {
    cli = new CliRun(directory);
  }

  @Test
  void itEndsWhenEveryVmIsReady() {
    cli.vmFile("web", "db");
    cli.vmctl.add(Vms.busy("web", "making its disk"));
    cli.vmctl.add(Vms.busy("db", "making its disk"));
    cli.vmctl.then(Vms.ready("db"));
    cli.vmctl.then(Vms.busy("web", "waiting for SSH"));
    cli.vmctl.then(Vms.busy("web", "waiting for SSH"));
    cli.vmctl.then(Vms.ready("web"));

    CliRun.Result result = cli.run("up");

    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out()).isEmpty();
    assertThat(result.err())
        .isEqualTo(
            CliRun.lines(
                "db: making its disk (0.0s)",
                "web: making its disk (0.0s)",
                "db: ready (0.0s)",
                "web: waiting for SSH (0.0s)",
                "web: ready (0.0s)"));
  }

  @Test
  void itSendsTheSnapshotOfTheWholeFile() {
    cli.vmFile("web", "db");
    cli.vmctl.add(Vms.ready("web"));

    cli.run("up", "--name", "web", "--prune", "--no-provision");

    assertThat(cli.vmctl.applied)
        .singleElement()
        .satisfies(
            request -> {
              assertThat(request.source().location())
                  .isEqualTo(directory.resolve("VMFile.kdl").toString());
              assertThat(request.declarations()).hasSize(2);
              assertThat(request.only()).containsExactly(WEB);
              assertThat(request.prune()).isTrue();
              assertThat(request.hold()).isFalse();
              assertThat(request.provisioning()).isEqualTo(ApplyRequest.Provisioning.SKIP);
            });
  }

  @Test
  void withoutNamesItMeansAllOfThem() {
    cli.vmFile("web");
    cli.vmctl.add(Vms.ready("web"));

    cli.run("up", "--provision");

    assertThat(cli.vmctl.applied.getFirst().only()).isEmpty();
    assertThat(cli.vmctl.applied.getFirst().provisioning())
        .isEqualTo(ApplyRequest.Provisioning.AGAIN);
  }

  @Test
  void aVmThatFailsMakesItFailWithTheVmsOwnWords() {
    cli.vmFile("web", "db");
    cli.vmctl.add(Vms.ready("db"));
    cli.vmctl.add(Vms.busy("web", "starting"));
    cli.vmctl.then(Vms.failed("web", "qemu.spawn_failed", "QEMU said no"));

    CliRun.Result result = cli.run("up");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err())
        .contains("web: failed: QEMU said no (0.0s)\n")
        .contains("error[qemu.spawn_failed]: web: QEMU said no\n  help: look at it\n");
  }

  @Test
  void aGuestThatAnswersButWasNotProvisionedMakesItFail() {
    cli.vmFile("web");
    cli.vmctl.add(Vms.busy("web", "provisioning"));
    cli.vmctl.then(
        Vms.vm(
            "web",
            "running",
            true,
            "",
            true,
            new VmStatus.Failure("provision.failed", "step 2/2 failed: exit code 3", "edit it"),
            2));

    CliRun.Result result = cli.run("up");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err())
        .contains("error[provision.failed]: web: step 2/2 failed: exit code 3\n  help: edit it\n");
  }

  @Test
  void aVmThatSettlesWithoutBeingReadyMakesItFail() {
    cli.vmFile("web");
    cli.vmctl.add(Vms.stopped("web"));

    CliRun.Result result = cli.run("up");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains("error[vm.invalid_state]: web: it is stopped and not ready");
  }

  @Test
  void provisionOutputIsShownFromWhereTheLogWas() {
    cli.vmFile("web");
    cli.vmctl.add(Vms.busy("web", "provisioning"));
    cli.vmctl.write("web", LogKind.PROVISION, "of an earlier time\n");
    cli.vmctl.thenLog("web", LogKind.PROVISION, "installing \u001b[31mnginx\u001b[0m\nhalf a li");
    cli.vmctl.thenLog("web", LogKind.PROVISION, "ne\nlast words");
    cli.vmctl.then(Vms.vm("web", "running", true, "", true, null, 1));

    CliRun.Result result = cli.run("up");

    assertThat(result.err())
        .doesNotContain("earlier")
        .containsSubsequence(
            "[web] installing nginx\n", "[web] half a line\n", "[web] last words\n", "web: ready");
  }

  @Test
  void aFailedProvisioningThatSaidNothingNewIsShownByItsTail() {
    cli.vmFile("web");
    cli.vmctl.write("web", LogKind.PROVISION, "line\n".repeat(50) + "E: no such package\n");
    cli.vmctl.add(Vms.failed("web", "provision.failed", "step 1 exited with 100"));

    CliRun.Result result = cli.run("up");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains("[web] E: no such package\n");
    assertThat(result.err().lines().filter(line -> line.startsWith("[web]"))).hasSize(20);
  }

  @Test
  void aBrokenFileChangesNothing() {
    cli.vmFile("web");
    cli.diagnostics.add(
        new Diagnostic(
            Path.of("/f"), 1, 1, 1, Diagnostic.Severity.ERROR, "vmfile.x", "wrong", "right"));

    CliRun.Result result = cli.run("up");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err())
        .startsWith("error[vmfile.x]: wrong\n")
        .contains("VMFile.kdl has 1 error\n  help: nothing was changed\n");
    assertThat(cli.vmctl.calls).isEmpty();
  }

  @Test
  void aMissingFileIsNamed() {
    CliRun.Result result = cli.run("up", "-f", "lab.kdl");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err())
        .startsWith("error[vmfile.not_found]: there is no VMFile at " + directory + "/lab.kdl");
  }

  @Test
  void aNameThatTheFileDoesNotDeclareIsRefused() {
    cli.vmFile("web", "db");

    CliRun.Result result = cli.run("up", "--name", "wbe");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains("declares no VM 'wbe'").contains("it declares db, web");
    assertThat(cli.vmctl.calls).isEmpty();
  }

  @Test
  void vmsThatAreNoLongerDeclaredAreReported() {
    cli.vmFile("web");
    cli.vmctl.add(Vms.ready("web"));
    cli.vmctl.applyResult =
        new ApplyResult(List.of(WEB), List.of(new VmName("old")), List.of(new VmName("odd")));

    assertThat(cli.run("up").err())
        .contains("old: no longer declared, is being removed")
        .contains("odd: no longer declared, left alone ('vmctl up --prune' removes it)");
  }

  @Test
  void withoutADaemonItSaysThatNobodyHeals() {
    cli.vmFile("web");
    cli.vmctl.add(Vms.ready("web"));
    cli.vmctl.daemon = false;

    CliRun.Result result = cli.run("up");

    assertThat(result.code()).isZero();
    assertThat(result.err())
        .contains("no daemon runs, so nobody brings these VMs back")
        .contains("vmctl daemon --watch " + directory);
  }

  @Test
  void detachedItDoesNotWait() {
    cli.vmFile("web");
    cli.vmctl.add(Vms.busy("web", "starting"));

    CliRun.Result result = cli.run("up", "-d");

    assertThat(result.code()).isZero();
    assertThat(cli.vmctl.calls).containsExactly("apply");
  }

  @Test
  void itCannotDetachFromWorkThatItDoesItself() {
    cli.vmFile("web");
    cli.vmctl.daemon = false;

    CliRun.Result result = cli.run("up", "--detach");

    assertThat(result.code()).isEqualTo(64);
    assertThat(result.err()).contains("--detach needs a daemon");
    assertThat(cli.vmctl.calls).isEmpty();
  }

  @Test
  void itGivesUpWaitingAfterTheTimeout() {
    cli.vmFile("web");
    cli.vmctl.add(Vms.busy("web", "waiting for SSH"));
    for (int i = 0; i < 100; i++) {
      cli.vmctl.then();
    }
    cli.step = Duration.ofSeconds(1);

    CliRun.Result result = cli.run("up", "--timeout", "20s");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err())
        .contains(
            "error[timeout]: web: not ready after 20s; the latest was: waiting for SSH\n"
                + "  help: only the waiting has ended; see 'vmctl status web'\n");
  }

  @Test
  void onATerminalTheLinesAreRedrawnInPlace() {
    cli.vmFile("web");
    cli.errIsTerminal = true;
    cli.vmctl.add(Vms.busy("web", "starting"));
    cli.vmctl.then(Vms.ready("web"));

    assertThat(cli.run("up").err())
        .startsWith("web  starting  0.0s\u001b[K\n")
        .contains("\u001b[1A\rweb  ready  0.0s\u001b[K\n");
  }
}
