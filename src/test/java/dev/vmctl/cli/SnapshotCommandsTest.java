package dev.vmctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.api.VmStatus;
import java.io.IOException;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class SnapshotCommandsTest {
  @TempDir Path directory;
  private CliRun cli;

  @BeforeEach
  void makeCli() {
    cli = new CliRun(directory);
  }

  @ParameterizedTest
  @ValueSource(strings = {"table", "json", "yaml", "name"})
  void theListIsWrittenAs(String format) throws IOException {
    cli.vmctl.add(Vms.ready("web"));
    CliRun.Result result = cli.run("snapshot", "list", "web", "-o", format);
    assertThat(result.code()).as(result.err()).isZero();
    Golden.check("snapshots-" + format, result.out());
  }

  @Test
  void oneIsTakenRestoredAndDeletedAndWaitedFor() {
    cli.vmctl.add(Vms.ready("web"));
    CliRun.Result taken = cli.run("snapshot", "create", "web", "new", "--disk-only");
    assertThat(taken.code()).as(taken.err()).isZero();
    assertThat(taken.err()).contains("web: taking the snapshot 'new'", "web: taken");
    CliRun.Result restored = cli.run("snapshot", "restore", "web", "warm");
    assertThat(restored.code()).as(restored.err()).isZero();
    assertThat(restored.err()).contains("web: restored", "ready");
    assertThat(cli.run("snapshot", "delete", "--yes", "web", "warm").code()).isZero();
    assertThat(cli.vmctl.calls)
        .containsExactly(
            "take web SnapshotRequest[name=new, diskOnly=true, start=false]",
            "restore web SnapshotRequest[name=warm, diskOnly=false, start=false]",
            "delete web warm");
  }

  @Test
  void aFailureIsToldWithItsCodeAndHelp() {
    cli.vmctl.add(Vms.ready("web"));
    cli.vmctl.snapshotFailure = new VmStatus.Failure("disk.full", "no room", "make some");
    CliRun.Result result = cli.run("snapshot", "create", "web", "new");
    assertThat(result.code()).isEqualTo(ExitCode.FAILED);
    assertThat(result.err()).contains("error[disk.full]: web: no room", "help: make some");
  }

  @Test
  void nothingIsDeletedWhereNobodyCanBeAsked() {
    cli.vmctl.add(Vms.ready("web"));
    CliRun.Result result = cli.run("snapshot", "delete", "web", "warm");
    assertThat(result.code()).isEqualTo(ExitCode.USAGE);
    assertThat(result.err()).contains("give --yes");
    assertThat(cli.vmctl.calls).isEmpty();
  }

  @Test
  void aCloneIsWaitedForAndItsNotesAreTold() {
    cli.vmctl.add(Vms.ready("web"));
    cli.vmctl.add(Vms.ready("copy"));
    CliRun.Result result = cli.run("clone", "web", "copy", "--snapshot", "clean", "--start");
    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err()).contains("copy: a clone of web", "note: ports are not forwarded");
    assertThat(cli.vmctl.calls)
        .containsExactly("clone web CloneRequest[to=copy, snapshot=clean, start=true]");
  }

  @Test
  void memoryGoesToDiskAndIsGivenUp() {
    cli.vmctl.add(Vms.in("web", "suspended"));
    assertThat(cli.run("suspend", "--to-disk", "web").code()).isZero();
    cli.vmctl.add(Vms.ready("web"));
    assertThat(cli.run("start", "--discard-state", "web").code()).isZero();
    assertThat(cli.vmctl.calls)
        .containsExactly("suspend to disk web", "discard memory web", "start web");
  }
}
