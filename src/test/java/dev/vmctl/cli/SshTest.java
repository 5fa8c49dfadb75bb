package dev.vmctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.api.SshAccess;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SshTest {
  @TempDir Path directory;
  private CliRun cli;
  private ServerSocket guest;

  @BeforeEach
  void makeCli() throws IOException {
    cli = new CliRun(directory);
    guest = new ServerSocket(0, 5, InetAddress.getLoopbackAddress());
    cli.vmctl.ssh = access(true);
  }

  @AfterEach
  void closeGuest() throws IOException {
    guest.close();
  }

  private SshAccess access(boolean strict) {
    return new SshAccess(
        "127.0.0.1",
        guest.getLocalPort(),
        "vm",
        List.of(Path.of("/data/vms/web/key")),
        Path.of("/data dir/known_hosts"),
        "vmctl-web",
        strict);
  }

  /** Accepts connections; those before {@code silent} are closed without a word. */
  private void speakAfter(int silent) {
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                for (int i = 0; ; i++) {
                  try (Socket peer = guest.accept()) {
                    if (i >= silent) {
                      peer.getOutputStream()
                          .write("SSH-2.0-test\r\n".getBytes(StandardCharsets.US_ASCII));
                    }
                  }
                }
              } catch (IOException over) {
                return;
              }
            });
  }

  @Test
  void theSystemsSshGetsThePinnedHostKeyAndTheCommand() {
    speakAfter(0);
    cli.programExitCode = 7;

    CliRun.Result result = cli.run("ssh", "web", "--", "ls", "-la", "--", "x y");

    assertThat(result.code()).as(result.err()).isEqualTo(7);
    assertThat(cli.programs)
        .containsExactly(
            List.of(
                "ssh",
                "-p",
                Integer.toString(guest.getLocalPort()),
                "-o",
                "IdentityFile=\"/data/vms/web/key\"",
                "-o",
                "IdentitiesOnly=yes",
                "-o",
                "UserKnownHostsFile=\"/data dir/known_hosts\"",
                "-o",
                "GlobalKnownHostsFile=none",
                "-o",
                "HostKeyAlias=vmctl-web",
                "-o",
                "StrictHostKeyChecking=yes",
                "-o",
                "UpdateHostKeys=no",
                "-o",
                "LogLevel=ERROR",
                "-l",
                "vm",
                "127.0.0.1",
                "--",
                "ls",
                "-la",
                "--",
                "x y"));
  }

  @Test
  void aPathMeansItselfToSshWhateverIsInIt() {
    speakAfter(0);
    Path data = Path.of("/it's \"100%\", a\\b");
    SshAccess plain = access(true);
    cli.vmctl.ssh =
        new SshAccess(
            plain.host(),
            plain.port(),
            plain.user(),
            List.of(data.resolve("key")),
            data.resolve("known_hosts"),
            plain.hostKeyAlias(),
            true);

    cli.run("ssh", "web");

    assertThat(cli.programs.getFirst())
        .contains("IdentityFile=\"/it's \\\"100%%\\\", a\\\\b/key\"")
        .contains("UserKnownHostsFile=\"/it's \\\"100%%\\\", a\\\\b/known_hosts\"");
  }

  @Test
  void userAndKeyOfTheCommandLineComeFirst() {
    speakAfter(0);

    cli.run("ssh", "--user", "root", "web", "--key", "id");

    assertThat(cli.programs.getFirst())
        .containsSubsequence(
            "IdentityFile=\"" + directory + "/id\"",
            "IdentityFile=\"/data/vms/web/key\"",
            "-l",
            "root")
        .doesNotContain("--");
  }

  @Test
  void anUnknownHostKeyIsPinnedAtFirstUseWhenItCouldNotBeBefore() {
    speakAfter(0);
    cli.vmctl.ssh = access(false);

    cli.run("ssh", "web");

    assertThat(cli.programs.getFirst()).contains("StrictHostKeyChecking=accept-new");
  }

  @Test
  void itWaitsUntilTheGuestSpeaks() {
    speakAfter(2);

    assertThat(cli.run("ssh", "web").code()).isZero();
    assertThat(cli.programs).hasSize(1);
  }

  @Test
  void aGuestThatNeverSpeaksEndsWith255() {
    speakAfter(Integer.MAX_VALUE);
    cli.step = Duration.ofSeconds(20);

    CliRun.Result result = cli.run("ssh", "web");

    assertThat(result.code()).isEqualTo(255);
    assertThat(result.err()).startsWith("error[ssh.timeout]: no SSH server answered");
    assertThat(cli.programs).isEmpty();
  }

  @Test
  void ourOwnFailureEndsWith255() {
    cli.vmctl.ssh = null;

    CliRun.Result result = cli.run("ssh", "web", "--", "true");

    assertThat(result.code()).isEqualTo(255);
    assertThat(result.err()).startsWith("error[vm.invalid_state]: 'web' does not run");
  }

  @Test
  void theNameIsThatOfTheFilesOnlyVm() {
    speakAfter(0);
    cli.vmFile("web");

    assertThat(cli.run("ssh", "--", "true").code()).isZero();
    assertThat(cli.programs.getFirst()).endsWith("--", "true");
  }

  @Test
  void withTwoVmsTheNameIsNeeded() {
    cli.vmFile("web", "db");

    CliRun.Result result = cli.run("ssh");

    assertThat(result.code()).isEqualTo(255);
    assertThat(result.err()).contains("declares 2 VMs").contains("name one: db, web");
  }
}
