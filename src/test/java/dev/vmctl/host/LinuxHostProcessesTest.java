package dev.vmctl.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class LinuxHostProcessesTest {
  private static final Duration LONG = Duration.ofSeconds(20);

  private final LinuxHostProcesses processes = new LinuxHostProcesses();
  private final List<HostProcess> started = new ArrayList<>();
  @TempDir Path directory;

  @AfterEach
  void killWhatWasStarted() {
    started.forEach(process -> processes.signal(process, Signal.KILL));
  }

  @Test
  void aStartedProgramLeadsItsOwnSessionAndInheritsNothing() throws Exception {
    HostProcess sleep = start("sleep 60");

    await().until(() -> processes.commandLine(sleep).contains("sleep 60"));
    Path proc = Path.of("/proc/" + sleep.pid());
    String afterName = Files.readString(proc.resolve("stat")).replaceAll("^.*\\) ", "");
    String session = afterName.split(" ", -1)[3];
    assertThat(session).isEqualTo(Long.toString(sleep.pid()));
    assertThat(Files.readSymbolicLink(proc.resolve("fd/0"))).isEqualTo(Path.of("/dev/null"));
    try (var descriptors = Files.list(proc.resolve("fd"))) {
      assertThat(descriptors.map(path -> path.getFileName().toString()))
          .containsExactlyInAnyOrder("0", "1", "2");
    }
  }

  @Test
  void bothOutputsAreAppendedToTheFile() throws Exception {
    Path output = Files.writeString(directory.resolve("out"), "before\n");

    HostProcess echo =
        processes.start(
            new ProcessStart(List.of("/bin/sh", "-c", "echo out; echo err >&2"), output));

    assertThat(processes.awaitExit(echo, LONG)).isTrue();
    assertThat(output).hasContent("before\nout\nerr\n");
  }

  @Test
  void aStartedProgramSurvivesTheDeathOfTheJvm() throws Exception {
    Process jvm =
        new ProcessBuilder(
                Path.of(System.getProperty("java.home"), "bin", "java").toString(),
                "--enable-native-access=ALL-UNNAMED",
                "-XX:TieredStopAtLevel=1",
                "-cp",
                System.getProperty("java.class.path"),
                StartAndWait.class.getName(),
                directory.resolve("out").toString())
            .redirectErrorStream(true)
            .start();
    String line = jvm.inputReader().readLine();
    assertThat(line).matches("\\d+ \\d+");
    HostProcess sleep =
        new HostProcess(Long.parseLong(line.split(" ")[0]), Long.parseLong(line.split(" ")[1]));
    started.add(sleep);

    jvm.destroyForcibly().waitFor();

    assertThat(processes.isAlive(sleep)).isTrue();
    assertThat(processes.awaitExit(sleep, Duration.ofMillis(50))).isFalse();
    assertThat(processes.signal(sleep, Signal.KILL)).isTrue();
    // Not our child: only a pidfd can tell.
    assertThat(processes.awaitExit(sleep, LONG)).isTrue();
    assertThat(processes.isAlive(sleep)).isFalse();
  }

  @Test
  void aRecycledPidIsAnotherProcess() throws Exception {
    HostProcess sleep = start("sleep 60");
    HostProcess earlier = new HostProcess(sleep.pid(), sleep.startTicks() - 1);

    assertThat(processes.isAlive(earlier)).isFalse();
    assertThat(processes.signal(earlier, Signal.KILL)).isFalse();
    assertThat(processes.awaitExit(earlier, LONG)).isTrue();
    assertThat(processes.isAlive(sleep)).isTrue();
  }

  @Test
  void aZombieIsDead() throws Exception {
    // The child ends when the shell has become sleep, which waits for nobody.
    Path pidFile = directory.resolve("pid");
    start(
        "(until grep -q sleep /proc/$$/comm; do :; done) & echo $! > "
            + pidFile
            + "; exec sleep 60");
    await().until(() -> Files.exists(pidFile) && !Files.readString(pidFile).isBlank());
    long pid = Long.parseLong(Files.readString(pidFile).trim());
    await().until(() -> Files.readString(Path.of("/proc/" + pid + "/stat")).contains(") Z "));

    assertThat(processes.find(pid)).isEmpty();
  }

  @Test
  void aTermSignalEndsAProgramAndTheWaitSeesItAtOnce() throws Exception {
    HostProcess sleep = start("exec sleep 60");
    assertThat(processes.signal(sleep, Signal.TERMINATE)).isTrue();
    assertThat(processes.awaitExit(sleep, LONG)).isTrue();
    assertThat(processes.signal(sleep, Signal.TERMINATE)).isFalse();
  }

  @Test
  void awaitingFromManyVirtualThreadsBlocksNobody() throws Exception {
    HostProcess sleep = start("exec sleep 60");
    List<Thread> waiting = new ArrayList<>();
    for (int i = 0; i < 20; i++) {
      waiting.add(
          Thread.ofVirtual()
              .start(
                  () -> {
                    try {
                      processes.awaitExit(sleep, LONG);
                    } catch (InterruptedException e) {
                      Thread.currentThread().interrupt();
                    }
                  }));
    }
    Thread free = Thread.ofVirtual().start(() -> {});
    assertThat(free.join(Duration.ofSeconds(5))).isTrue();

    processes.signal(sleep, Signal.KILL);
    for (Thread thread : waiting) {
      assertThat(thread.join(LONG)).isTrue();
    }
  }

  @Test
  void aToolTellsItsOutputsAndItsExitCode() throws Exception {
    ToolResult result =
        processes.run(
            new ToolRun(
                List.of("sh", "-c", "cat; echo $X; echo bad >&2; exit 3"),
                Map.of("X", "ü"),
                "in ",
                LONG));
    assertThat(result).isEqualTo(new ToolResult(3, "in ü\n", "bad\n"));
  }

  @Test
  void aToolThatFillsItsStderrFirstDoesNotHang() throws Exception {
    ToolResult result =
        processes.run(
            new ToolRun(
                List.of("sh", "-c", "head -c 300000 /dev/zero >&2; head -c 300000 /dev/zero"),
                LONG));
    assertThat(result.output()).hasSize(300_000);
    assertThat(result.errors()).hasSize(300_000);
  }

  @Test
  void aToolPastItsDeadlineIsKilledWithAllItStarted() throws Exception {
    Path pidFile = directory.resolve("pid");
    ToolRun hanging =
        new ToolRun(
            List.of("sh", "-c", "sleep 60 & echo $! > " + pidFile + "; wait"),
            Duration.ofMillis(500));

    assertThatThrownBy(() -> processes.run(hanging))
        .isInstanceOfSatisfying(
            VmException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.TIMEOUT);
              assertThat(e).hasMessage("sh did not end within 500 ms");
            });
    long pid = Long.parseLong(Files.readString(pidFile).trim());
    await().until(() -> processes.find(pid).isEmpty());
  }

  @Test
  void aToolThatWritesWithoutEndIsStopped() {
    assertThatThrownBy(() -> processes.run(new ToolRun(List.of("cat", "/dev/zero"), LONG)))
        .isInstanceOf(VmException.class)
        .hasMessageContaining("more than 16777216 bytes");
  }

  @Test
  void aMissingToolIsNamed() {
    assertThatThrownBy(() -> processes.run(new ToolRun(List.of("no-such-tool"), LONG)))
        .isInstanceOf(VmException.class)
        .hasMessageContaining("no-such-tool");
  }

  @Test
  void aNameWithParenthesesDoesNotShiftTheFields() {
    String fields = " S 1 2 3 0 -1 4 0 0 0 0 0 0 0 0 20 0 1 0 987 6";
    assertThat(ProcStat.parse("12 (a) Z (b)" + fields)).isEqualTo(new ProcStat('S', 987));
  }

  private HostProcess start(String script) {
    HostProcess process =
        processes.start(
            new ProcessStart(List.of("/bin/sh", "-c", script), directory.resolve("out")));
    started.add(process);
    return process;
  }

  /** Starts a program, tells who it is, and waits to be killed. */
  static final class StartAndWait {
    public static void main(String[] arguments) throws InterruptedException {
      HostProcess sleep =
          new LinuxHostProcesses()
              .start(new ProcessStart(List.of("/bin/sleep", "60"), Path.of(arguments[0])));
      System.out.println(sleep.pid() + " " + sleep.startTicks());
      TimeUnit.MINUTES.sleep(1);
    }
  }
}
