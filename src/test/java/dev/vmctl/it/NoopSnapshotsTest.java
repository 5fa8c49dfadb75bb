package dev.vmctl.it;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.cli.SameProcess;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The whole story with guests that do nothing: by commands, without a daemon. */
class NoopSnapshotsTest {
  @TempDir Path directory;

  private SameProcess.Ended vmctl(String... arguments) {
    return SameProcess.vmctl(directory.resolve("data"), List.of(arguments));
  }

  private void succeed(String... arguments) {
    SameProcess.Ended ended = vmctl(arguments);
    assertThat(ended.exitCode()).as("%s: %s", List.of(arguments), ended).isZero();
  }

  private String state(String vm) {
    return vmctl("list", vm, "-o", "jsonpath={[0].state}").out().strip();
  }

  @Test
  void aVmIsKeptRestoredSuspendedAndCloned() throws Exception {
    Path file =
        Files.writeString(directory.resolve("VMFile.kdl"), "vm \"web\" {\n  backend \"noop\"\n}\n");
    succeed("up", "--file", file.toString());
    succeed("snapshot", "create", "web", "warm");
    succeed("stop", "web");
    succeed("snapshot", "restore", "web", "warm");
    assertThat(state("web")).isEqualTo("running");
    succeed("suspend", "--to-disk", "web");
    assertThat(state("web")).isEqualTo("suspended");
    succeed("resume", "web");
    assertThat(state("web")).isEqualTo("running");
    succeed("clone", "web", "copy", "--start");
    assertThat(state("copy")).isEqualTo("running");
    succeed("snapshot", "delete", "--yes", "web", "warm");
    assertThat(vmctl("snapshot", "list", "web", "-o", "name").out()).startsWith("before-restore-");
    succeed("drain", "--suspend");
    assertThat(state("web")).isEqualTo("suspended");
    succeed("drain", "--undo");
    assertThat(state("web")).isEqualTo("running");
    assertThat(vmctl("plan", "--file", file.toString()).out()).isEqualTo("nothing to do\n");
  }
}
