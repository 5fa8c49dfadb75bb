package dev.vmctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.model.AddedSource;
import java.io.IOException;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;
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
  void aSourceIsAddedWithItsFilesNamedFromTheRootOn() {
    cli.run("source", "add", "ssh://git@example.org/fleet.git#main:vms", "--ssh-key", "deploy_key");
    cli.run("source", "add", "git@example.org:other.git", "--name", "mine", "--interval", "5m");
    assertThat(cli.run("source", "add", "vms").code()).isZero();
    assertThat(cli.vmctl.calls)
        .containsExactly(
            "add "
                + new AddedSource(
                    "fleet",
                    null,
                    repository(
                        "ssh://git@example.org/fleet.git",
                        "main",
                        "vms",
                        null,
                        directory.resolve("deploy_key"))),
            "add "
                + new AddedSource(
                    "mine", null, repository("git@example.org:other.git", "", "", 300L, null)),
            "add " + AddedSource.of(directory.resolve("vms")));
    CliRun.Result misled = cli.run("source", "add", "vms", "--ssh-key", "deploy_key");
    assertThat(misled.code()).isEqualTo(64);
    assertThat(misled.err()).contains("vms is a directory");
  }

  private static AddedSource.Repository repository(
      String url, String branch, String path, @Nullable Long interval, @Nullable Path sshKey) {
    return new AddedSource.Repository(
        url, branch, path, interval, null, null, sshKey, null, List.of(), null);
  }

  @Test
  void aSourceIsRemovedAndItsVmsOnlyAfterAQuestion() {
    assertThat(cli.run("source", "remove", "fleet").err()).contains("they stay as they are: web");
    assertThat(cli.run("source", "remove", "fleet", "--prune", "--yes").err())
        .contains("they go; see 'vmctl trash list': web");
    assertThat(cli.vmctl.calls)
        .containsExactly("remove source fleet", "remove source fleet with its VMs");
  }

  @Test
  void withoutADaemonNothingIsFollowed() {
    cli.vmctl.daemon = false;
    CliRun.Result result = cli.run("source", "list");
    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).contains("no source is followed", "vmctl daemon --git");
  }
}
