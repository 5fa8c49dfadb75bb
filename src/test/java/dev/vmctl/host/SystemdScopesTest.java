package dev.vmctl.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.logging.Handler;
import java.util.logging.LogRecord;
import java.util.logging.Logger;
import java.util.logging.SimpleFormatter;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class SystemdScopesTest {
  private static final Duration LONG = Duration.ofSeconds(20);
  private static final String BECOMES_ITS_COMMAND =
      """
      #!/bin/sh
      echo "$@" > "$0.arguments"
      while [ "$1" != -- ]; do shift; done
      shift
      exec "$@"
      """;

  private final List<HostProcess> started = new ArrayList<>();
  private final List<String> warnings = new ArrayList<>();
  private final Logger logger = Logger.getLogger(SystemdScopes.class.getName());
  private final Handler handler =
      new Handler() {
        @Override
        public void publish(LogRecord record) {
          warnings.add(new SimpleFormatter().formatMessage(record));
        }

        @Override
        public void flush() {}

        @Override
        public void close() {}
      };

  @TempDir Path directory;
  private Path output;

  @BeforeEach
  void listen() {
    output = directory.resolve("out");
    logger.addHandler(handler);
  }

  @AfterEach
  void killWhatWasStarted() {
    logger.removeHandler(handler);
    LinuxHostProcesses processes = new LinuxHostProcesses();
    started.forEach(process -> processes.signal(process, Signal.KILL));
  }

  @Test
  void theCommandLineMakesAScopeThatBecomesTheProgram() {
    List<String> command =
        scopes(directory)
            .command(
                Path.of("/usr/bin/systemd-run"),
                "vmctl-0123abcd-5f",
                List.of("/usr/bin/qemu-system-x86_64", "-name", "a b"));

    List<String> expected =
        new ArrayList<>(
            List.of(
                "/usr/bin/systemd-run",
                "--scope",
                "--quiet",
                "--collect",
                "--unit=vmctl-0123abcd-5f",
                "--property=Before=vmctl-drain.service",
                "--description=A program of vmctl: /usr/bin/qemu-system-x86_64"));
    if (LinuxHostFacts.ofThisProcess().userId() != 0) {
      expected.add("--user");
    }
    expected.addAll(
        List.of(
            "--",
            "/bin/sh",
            "-c",
            "exec 3>&2 2>&1; echo vmctl-scope-started >&3; exec setsid \"$@\" 3>&-",
            "vmctl-scope",
            "/usr/bin/qemu-system-x86_64",
            "-name",
            "a b"));
    assertThat(command).isEqualTo(expected);
  }

  @Test
  void theProgramInAScopeHasThePidWeKnowItsOwnSessionAndNoOtherDescriptor() throws Exception {
    LinuxHostProcesses processes = withSystemdRun(BECOMES_ITS_COMMAND);

    HostProcess sleep = start(processes, "echo out; echo err >&2; exec sleep 60");

    await().until(() -> processes.commandLine(sleep).equals(List.of("sleep", "60")));
    assertThat(processes.isAlive(sleep)).isTrue();
    Path proc = Path.of("/proc/" + sleep.pid());
    String afterName = Files.readString(proc.resolve("stat")).replaceAll("^.*\\) ", "");
    assertThat(afterName.split(" ", -1)[3]).isEqualTo(Long.toString(sleep.pid()));
    try (var descriptors = Files.list(proc.resolve("fd"))) {
      assertThat(descriptors.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder("0", "1", "2");
    }
    assertThat(output).hasContent("out\nerr\n");
    assertThat(directory.resolve("systemd-run.arguments"))
        .content()
        .matches("(?s)--scope --quiet --collect --unit=vmctl-0123abcd-[0-9a-f]+ .*");
    assertThat(warnings).isEmpty();
  }

  @Test
  void aProgramThatFailsAtOnceIsNotTakenForAFailureOfSystemd() throws Exception {
    LinuxHostProcesses processes = withSystemdRun(BECOMES_ITS_COMMAND);

    HostProcess failed = start(processes, "echo bad; exit 1");

    assertThat(processes.awaitExit(failed, LONG)).isTrue();
    // Once: a fallback would have run it again.
    assertThat(output).hasContent("bad\n");
    assertThat(warnings).isEmpty();
  }

  @Test
  void withoutABusProgramsGetAPlainSessionAndItIsToldOnce() throws Exception {
    LinuxHostProcesses processes =
        withSystemdRun("#!/bin/sh\necho 'Failed to connect to bus' >&2\nexit 1\n");

    HostProcess first = start(processes, "exec sleep 60");
    HostProcess second = start(processes, "exec sleep 60");

    assertThat(processes.isAlive(first)).isTrue();
    assertThat(processes.isAlive(second)).isTrue();
    assertThat(warnings).singleElement().asString().contains("Failed to connect to bus");
    assertThat(output).isEmptyFile();
  }

  @Test
  void aSystemdRunThatHangsIsGivenUp() throws Exception {
    LinuxHostProcesses processes = withSystemdRun("#!/bin/sh\nexec sleep 60\n");

    HostProcess sleep = start(processes, "exec sleep 60");

    assertThat(processes.isAlive(sleep)).isTrue();
    assertThat(warnings).singleElement().asString().contains("systemd-run did not answer");
  }

  @Test
  void withoutSystemdOrWithoutAWishForAScopeSystemdRunIsNotAsked() throws Exception {
    withSystemdRun(BECOMES_ITS_COMMAND);
    ProcessStart wish = new ProcessStart(List.of("/bin/true"), output, "vmctl-0123abcd");

    assertThat(scopes(directory.resolve("no-systemd")).start(wish)).isEmpty();
    assertThat(scopes(directory).start(new ProcessStart(wish.command(), output))).isEmpty();
    assertThat(directory.resolve("systemd-run.arguments")).doesNotExist();
    assertThat(warnings).isEmpty();
  }

  private LinuxHostProcesses withSystemdRun(String script) throws Exception {
    Path program = Files.writeString(directory.resolve("systemd-run"), script);
    Files.setPosixFilePermissions(program, PosixFilePermissions.fromString("rwxr-xr-x"));
    return new LinuxHostProcesses(scopes(directory));
  }

  private SystemdScopes scopes(Path booted) {
    LinuxHostFacts facts =
        new LinuxHostFacts(Map.of("PATH", directory.toString()), directory, "tester");
    return new SystemdScopes(booted, facts, Duration.ofSeconds(2));
  }

  private HostProcess start(LinuxHostProcesses processes, String script) {
    HostProcess process =
        processes.start(
            new ProcessStart(List.of("/bin/sh", "-c", script), output, "vmctl-0123abcd"));
    started.add(process);
    return process;
  }
}
