package dev.vmctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.api.SshAccess;
import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(30)
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
                "-o",
                "ServerAliveInterval=15",
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
  void userAndKeyOfTheCommandLineComeFirst() throws IOException {
    speakAfter(0);
    Files.createFile(directory.resolve("id"));

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
  void aKeyThatIsNotThereIsToldInsteadOfPassedOver() {
    CliRun.Result result = cli.run("ssh", "web", "--key", "id");

    assertThat(result.code()).isEqualTo(255);
    assertThat(result.err()).contains("no private key that can be read at " + directory + "/id");
    assertThat(cli.programs).isEmpty();
  }

  @Test
  void forwardsAndTheAgentArePassedOn() {
    speakAfter(0);

    cli.run("ssh", "-A", "-N", "-L", "8080:localhost:80", "-R", "9:h:9", "-D", "1080", "web");
    cli.run("ssh", "web", "-t", "-o", "ServerAliveInterval=5", "--", "top");

    assertThat(cli.programs.getFirst())
        .containsSubsequence("-A", "-N", "-o", "ExitOnForwardFailure=yes")
        .containsSubsequence("-L", "8080:localhost:80", "-R", "9:h:9", "-D", "1080")
        .doesNotContain("-t");
    assertThat(cli.programs.get(1))
        .containsSubsequence("-t", "-o", "ServerAliveInterval=5", "-o", "IdentitiesOnly=yes")
        .doesNotContain("ExitOnForwardFailure=yes");
  }

  @Test
  void theConfigurationLeadsOtherProgramsToTheVms() {
    cli.vmctl.add(Vms.ready("web"));

    CliRun.Result result = cli.run("ssh-config");

    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.out())
        .isEqualTo(
            CliRun.lines(
                "Host web",
                "  HostName 127.0.0.1",
                "  Port " + guest.getLocalPort(),
                "  User vm",
                "  IdentityFile \"/data/vms/web/key\"",
                "  IdentitiesOnly yes",
                "  UserKnownHostsFile \"/data dir/known_hosts\"",
                "  GlobalKnownHostsFile none",
                "  HostKeyAlias vmctl-web",
                "  StrictHostKeyChecking yes",
                "  UpdateHostKeys no",
                "  LogLevel ERROR",
                "  ServerAliveInterval 15"));
  }

  @Test
  void theConfigurationLeavesOutWhatDoesNotRunUnlessItIsNamed() {
    cli.vmctl.add(Vms.stopped("web"));
    cli.vmctl.ssh = null;

    assertThat(cli.run("ssh-config").out()).isEqualTo("# 'web' does not run\n");
    assertThat(cli.run("ssh-config").code()).isZero();
    assertThat(cli.run("ssh-config", "web").code()).isEqualTo(1);
  }

  @Test
  void portsAreForwardedOverSsh() throws IOException {
    speakAfter(0);
    int one = freePort();
    int two = freePort();
    int three = freePort();

    CliRun.Result result =
        cli.run("port-forward", "web", one + ":80", "" + two, "0.0.0.0:" + three + ":2");

    assertThat(result.code()).as(result.err()).isZero();
    assertThat(result.err()).contains("web: 127.0.0.1:" + one + " leads to its port 80");
    assertThat(cli.programs.getFirst())
        .startsWith("ssh", "-N", "-T")
        .contains("ExitOnForwardFailure=yes", "StrictHostKeyChecking=yes")
        .containsSubsequence("-L", "127.0.0.1:" + one + ":127.0.0.1:80")
        .containsSubsequence("-L", "127.0.0.1:" + two + ":127.0.0.1:" + two)
        .containsSubsequence("-L", "0.0.0.0:" + three + ":127.0.0.1:2");
  }

  @Test
  @Fault(area = Area.HOST, value = "a port of `port-forward` that another program has")
  void aPortThatIsTakenIsToldBeforeAnythingIsSaidToBeForwarded(Seen seen) {
    speakAfter(0);

    CliRun.Result taken = cli.run("port-forward", "web", guest.getLocalPort() + ":80");

    seen.calling(guest.getLocalPort(), "<port>").ended(taken.code(), taken.err());
    assertThat(taken.code()).isEqualTo(1);
    assertThat(cli.programs).isEmpty();
  }

  @Test
  void aForwardingThatEndsByItselfHasFailed() throws IOException {
    speakAfter(0);
    cli.programExitCode = 255;

    CliRun.Result ended = cli.run("port-forward", "web", freePort() + ":80");

    assertThat(ended.code()).isEqualTo(1);
    assertThat(ended.err()).contains("error[ssh.failed]: nothing is forwarded any more");
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"x", "0", "70000", "1:2:", "1:70000", ":1:2", "a:b:c"})
  void whatIsNoPortIsAWrongCommandLine(String ports) {
    assertThat(cli.run("port-forward", "web", ports).code()).isEqualTo(64);
  }

  @Test
  void aScreenIsShownByTheViewerThereIs() throws IOException {
    cli.vmctl.add(Vms.withScreen("web", "127.0.0.1:5901"));
    Path viewer = Files.createFile(directory.resolve("vncviewer"));
    cli.environment.put("PATH", "/nowhere:" + directory);
    assertThat(cli.run("vnc", "web").out()).isEqualTo("vnc://127.0.0.1:5901\n");
    Files.setPosixFilePermissions(viewer, PosixFilePermissions.fromString("rwx------"));

    assertThat(cli.run("vnc", "web").code()).isZero();
    assertThat(cli.run("vnc", "web", "--print").out()).isEqualTo("vnc://127.0.0.1:5901\n");
    cli.vmctl.add(Vms.stopped("web"));
    assertThat(cli.run("vnc", "web").err()).startsWith("error[vm.invalid_state]");

    assertThat(cli.programs).containsExactly(List.of("vncviewer", "127.0.0.1::5901"));
  }

  @Test
  void filesAreCopiedByScp() {
    speakAfter(0);

    assertThat(cli.run("cp", "a", "/b:c", "./d:e", "web:/srv/").code()).isZero();
    assertThat(cli.run("cp", "--user", "root", "web:x y", "web:z", "dir/").code()).isZero();

    assertThat(cli.programs.getFirst())
        .startsWith("scp", "-r", "-p", "-P", Integer.toString(guest.getLocalPort()))
        .contains("StrictHostKeyChecking=yes", "User=vm")
        .endsWith("--", directory + "/a", "/b:c", directory + "/d:e", "127.0.0.1:/srv/");
    assertThat(cli.programs.get(1))
        .contains("User=root")
        .endsWith("--", "127.0.0.1:x y", "127.0.0.1:z", directory + "/dir/");
  }

  @Test
  void pipesGoThroughTheGuestsCat() {
    speakAfter(0);

    assertThat(cli.run("cp", "-", "web:it's").code()).isZero();
    assertThat(cli.run("cp", "web:~/x y", "-").code()).isZero();

    assertThat(cli.programs.getFirst()).startsWith("ssh", "-T").endsWith("--", "cat >'it'\\''s'");
    assertThat(cli.programs.get(1)).endsWith("--", "cat <~/'x y'");
  }

  @Test
  void aCopyThatFailedSaysSo() {
    speakAfter(0);
    cli.programExitCode = 1;

    CliRun.Result result = cli.run("cp", "a", "web:");

    assertThat(result.code()).isEqualTo(1);
    assertThat(result.err()).startsWith("error[ssh.failed]: not all was copied");
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "cp",
        "cp web:x",
        "cp a b",
        "cp web:a db:b",
        "cp web:a db:b .",
        "cp a web:a .",
        "cp - a web:",
        "cp - web:",
        "cp Web_1:a .",
      })
  void whatCannotBeCopiedIsAWrongCommandLine(String line) {
    assertThat(cli.run(line.split(" ")).code()).isEqualTo(64);
    assertThat(cli.programs).isEmpty();
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
