package dev.vmctl.guest;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.vmctl.guest.ProvisionResult.Failed;
import dev.vmctl.guest.ProvisionResult.Succeeded;
import dev.vmctl.model.EnvVariable;
import dev.vmctl.model.ProbeCheck;
import dev.vmctl.model.ProvisionStep;
import dev.vmctl.model.ProvisionStep.FileCopy;
import dev.vmctl.model.ProvisionStep.Inline;
import dev.vmctl.model.ProvisionStep.Script;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** What must be so with every real SSH server and every /bin/sh. */
@Timeout(120)
abstract class RealGuestContract {
  /** What a guest with an SSH server is asked to know whether it is ready. */
  static HealthCheck sshOf(SshTarget target) {
    GuestAccess guest =
        new GuestAccess(target.name(), target.vmDirectory(), target, null, Map.of(), null);
    return new HealthCheck(
        guest, List.of(new ProbeCheck.Ssh()), Duration.ofMillis(200), target.deadline());
  }

  @TempDir Path files;

  abstract SshGuests guests();

  abstract SshTarget target();

  @Test
  void variablesReachAScriptAsTheyAreAndNoCommandLine() throws Exception {
    String value = "it's \"unheard-of\"\nlines $HOME `id` \\\\ ünd";
    Path secret = Files.writeString(files.resolve("secret"), "from a file\n");
    List<EnvVariable> ofVm =
        List.of(
            new EnvVariable("f", "overridden", null),
            new EnvVariable("TOKEN", null, secret),
            new EnvVariable("EMPTY", "", null));
    Inline step =
        new Inline(
            "printf %s \"$f\" >~/vmctl-f; printf %s \"$TOKEN${EMPTY-unset}\" >~/vmctl-token; "
                + "for p in /proc/[0-9]*; do tr '\\0' ' ' <$p/cmdline; done 2>/dev/null >~/vmctl-lines; "
                + "ls -A \"$(dirname \"$0\")\" >~/vmctl-beside",
            List.of(new EnvVariable("f", value, null)));

    CompletableFuture<ProvisionResult> run =
        guests().provision(target(), List.of(step), ofVm, (number, of, now) -> {});

    assertThat(run.get(60, SECONDS)).isEqualTo(new Succeeded());
    assertThat(command("cat ~/vmctl-f")).isEqualTo(value);
    assertThat(command("cat ~/vmctl-token")).isEqualTo("from a file");
    assertThat(command("cat ~/vmctl-lines"))
        .contains("step")
        .doesNotContain("unheard-of", "from a file");
    assertThat(command("cat ~/vmctl-beside; rm ~/vmctl-*")).isEqualTo("step\n");
    assertThat(log()).doesNotContain("from a file");
  }

  @Test
  void inlineTextRunsAsItWasWritten() throws Exception {
    succeed(new Inline("x='a b'\nprintf '%s|%s\\n' \"$x\" 'q\"$`\\'\n  cat\necho done"));

    assertThat(log()).contains("a b|q\"$`\\\ndone\n");
  }

  @Test
  void inlineTextMayNameItsInterpreter() throws Exception {
    succeed(new Inline("#!/bin/bash\na=(one two); echo \"second: ${a[1]}\"\n"));

    assertThat(log()).contains("second: two\n");
  }

  @Test
  void aFailureCarriesExitCodeAndOutput() throws Exception {
    Failed failed = fail(new Inline("true"), new Inline("echo to out; echo to error >&2; exit 7"));

    assertThat(failed.step()).isEqualTo(2);
    assertThat(failed.message()).contains("exit code 7").contains("to out").contains("to error");
  }

  @Test
  void aScriptRunsByItsFirstLineAndLeavesNothingBehind() throws Exception {
    Path script = Files.writeString(files.resolve("s.sh"), "#!/bin/sh\necho \"I am $0 in\" $PWD\n");
    succeed(new Script(script));

    Matcher said = Pattern.compile("I am (/tmp/\\.vmctl\\.\\w+)/step in /").matcher(log());
    assertThat(said.find()).isTrue();
    command("test ! -e " + said.group(1));
  }

  @Test
  void aFileArrivesWithContentAndMode() throws Exception {
    byte[] content = new byte[5_000_000];
    new Random(7).nextBytes(content);
    Path source = Files.write(files.resolve("blob"), content);
    Files.setPosixFilePermissions(source, PosixFilePermissions.fromString("rwxr-x---"));
    String place = "/tmp/vmctl-test-" + ProcessHandle.current().pid();
    succeed(new Inline("mkdir -p " + place), new FileCopy(source, place + "/copy of it"));
    succeed(new FileCopy(source, place)); // a directory: under its own name

    String sum = command("sha256sum < '" + place + "/copy of it'; ls -l " + place);
    String expected =
        java.util.HexFormat.of()
            .formatHex(java.security.MessageDigest.getInstance("SHA-256").digest(content));
    assertThat(sum).startsWith(expected).containsPattern("-rwxr-x--- .* copy of it");
    assertThat(sum).containsPattern("-rwxr-x--- .* blob\n");
    command("rm -rf " + place);
  }

  @Test
  void aFileGoesWhereOnlyRootMayWrite() throws Exception {
    Path source = Files.writeString(files.resolve("conf"), "setting=1\n");
    succeed(new FileCopy(source, "/etc/vmctl-test.conf"));

    assertThat(command("cat /etc/vmctl-test.conf")).isEqualTo("setting=1\n");
    succeed(new Inline("rm -f /etc/vmctl-test.conf || sudo -n rm /etc/vmctl-test.conf"));
  }

  @Test
  void aTildeIsTheUsersHome() throws Exception {
    Path source = Files.writeString(files.resolve("conf"), "mine\n");
    succeed(new FileCopy(source, "~/.vmctl-test"));

    assertThat(command("cat ~/.vmctl-test; rm ~/.vmctl-test")).isEqualTo("mine\n");
  }

  @Test
  void aMissingParentDirectoryIsNamed() throws Exception {
    Path source = Files.writeString(files.resolve("conf"), "x");
    Failed failed = fail(new FileCopy(source, "/srv/none/here's it"));

    assertThat(failed.message()).contains("the directory /srv/none does not exist in the guest");
  }

  @Test
  void aProcessLeftInTheBackgroundIsNotWaitedFor() throws Exception {
    long start = System.nanoTime();
    succeed(new Inline("sleep 60 & echo $! > /tmp/vmctl-sleep; echo started"));

    assertThat(Duration.ofNanos(System.nanoTime() - start)).isLessThan(Duration.ofSeconds(30));
    command("kill $(cat /tmp/vmctl-sleep); rm /tmp/vmctl-sleep");
  }

  @Test
  void cancellingEndsTheScriptAndRemovesIt() throws Exception {
    String mark = "/tmp/vmctl-cancel-" + System.nanoTime();
    String script = "echo ${0%%/step} > %1$s.d; sleep 1000 & echo $! > %1$s; wait".formatted(mark);
    CompletableFuture<ProvisionResult> run = provision(new Inline(script));
    try (SshConnection connection = guests().connect(target())) {
      await().atMost(30, SECONDS).until(() -> ended(connection, "test -s " + mark));
      run.cancel(true);
      await().atMost(30, SECONDS).until(() -> !ended(connection, "kill -0 $(cat " + mark + ")"));
      await().atMost(30, SECONDS).until(() -> ended(connection, "test ! -e $(cat " + mark + ".d)"));
      ended(connection, "rm " + mark + " " + mark + ".d");
    }
  }

  @Test
  void filesAreCopiedBothWaysOverSftp() throws Exception {
    byte[] content = new byte[1_000_000];
    new Random(8).nextBytes(content);
    Path source = Files.write(files.resolve("up"), content);
    Path back = files.resolve("down");
    String remote = "vmctl-sftp-test";
    try (SshConnection connection = guests().connect(target())) {
      connection.upload(source, remote);
      connection.download(remote, back);
    }
    assertThat(back).hasBinaryContent(content);
    command("rm " + remote);
  }

  @Test
  void theSystemsClientGetsInWithTheSameFiles() throws Exception {
    assertThat(systemSsh("echo $((40 + 2))")).isEqualTo("42\n");
  }

  /** Runs a command by the system's strict ssh client. */
  String systemSsh(String command) throws Exception {
    SshTarget target = target();
    Path out = files.resolve("ssh.out");
    Process ssh =
        new ProcessBuilder(
                "ssh",
                "-F",
                "none",
                "-p",
                String.valueOf(target.port()),
                "-i",
                target.vmDirectory().resolve(Guests.CLIENT_KEY).toString(),
                "-o",
                "UserKnownHostsFile=" + target.vmDirectory().resolve(Guests.KNOWN_HOSTS),
                "-o",
                "HostKeyAlias=" + SshTarget.hostKeyAlias(target.name()),
                "-o",
                "StrictHostKeyChecking=yes",
                "-o",
                "BatchMode=yes",
                target.user() + "@" + target.host(),
                command)
            .redirectOutput(out.toFile())
            .redirectError(ProcessBuilder.Redirect.INHERIT)
            .start();
    assertThat(ssh.waitFor(30, TimeUnit.SECONDS)).isTrue();
    return Files.readString(out);
  }

  void succeed(ProvisionStep... steps) throws Exception {
    assertThat(result(steps)).isEqualTo(new Succeeded());
  }

  private Failed fail(ProvisionStep... steps) throws Exception {
    ProvisionResult result = result(steps);
    assertThat(result).isInstanceOf(Failed.class);
    return (Failed) result;
  }

  private ProvisionResult result(ProvisionStep... steps)
      throws InterruptedException, ExecutionException, TimeoutException {
    return provision(steps).get(60, SECONDS);
  }

  private CompletableFuture<ProvisionResult> provision(ProvisionStep... steps) {
    return guests().provision(target(), List.of(steps), List.of(), (number, of, step) -> {});
  }

  private String command(String command) throws InterruptedException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    try (SshConnection connection = guests().connect(target())) {
      assertThat(connection.exec(command, null, out, out).succeeded()).as(command).isTrue();
    }
    return out.toString(StandardCharsets.UTF_8);
  }

  private static boolean ended(SshConnection connection, String command)
      throws InterruptedException {
    ByteArrayOutputStream out = new ByteArrayOutputStream();
    return connection.exec(command, null, out, out).succeeded();
  }

  private String log() throws Exception {
    return Files.readString(target().vmDirectory().resolve(Guests.PROVISION_LOG));
  }
}
