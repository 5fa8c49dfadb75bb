package dev.vmctl.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.model.VmException;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/**
 * Processes by ps and kill; in place of FreeBSD's daemon(8) stands a setsid that forks as it does.
 */
class UnixHostProcessesTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private final UnixHostProcesses processes =
      new UnixHostProcesses(new PsTable(), List.of("setsid", "-f"));
  @TempDir Path directory;

  private HostProcess start(String script, String... words) {
    List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", script));
    command.addAll(List.of(words));
    return processes.start(new ProcessStart(command, directory.resolve("log")));
  }

  @Test
  void aProcessIsStartedFoundAskedAndEnded() throws Exception {
    HostProcess process = start("echo started; exec sleep 600");
    assertThat(processes.find(process.pid())).contains(process);
    assertThat(processes.isAlive(process)).isTrue();
    assertThat(process.startTicks())
        .isBetween(Instant.now().getEpochSecond() - 60, Instant.now().getEpochSecond() + 60);
    assertThat(processes.awaitExit(process, Duration.ofMillis(50))).isFalse();
    assertThat(processes.signal(process, Signal.TERMINATE)).isTrue();
    assertThat(processes.awaitExit(process, LONG)).isTrue();
    assertThat(processes.isAlive(process)).isFalse();
    assertThat(processes.signal(process, Signal.KILL)).isFalse();
    assertThat(processes.commandLine(process)).isEmpty();
    assertThat(directory.resolve("log")).hasContent("started\n");
  }

  @Test
  void aProcessIsFoundByItsWordsAndNotByPartsOfThem() throws Exception {
    String mark = "mark-" + ProcessHandle.current().pid();
    HostProcess process = start("while :; do sleep 1; done", "vmctl-test", mark);
    try {
      assertThat(processes.search(List.of("vmctl-test", mark))).contains(process);
      assertThat(processes.commandLine(process)).containsSequence("vmctl-test", mark);
      assertThat(processes.search(List.of("vmctl-test", mark.substring(0, 6)))).isEmpty();
    } finally {
      processes.signal(process, Signal.KILL);
    }
  }

  @Test
  void anotherProcessOfTheSameNumberIsAnother() {
    HostProcess us = processes.find(ProcessHandle.current().pid()).orElseThrow();
    assertThat(processes.isAlive(us)).isTrue();
    HostProcess before = new HostProcess(us.pid(), us.startTicks() - 100);
    assertThat(processes.isAlive(before)).isFalse();
    assertThat(processes.signal(before, Signal.KILL)).isFalse();
  }

  @Test
  void whatPsOfFreeBsdSaysIsRead() {
    assertThat(PsTable.parse("    7 Tue Nov  4 18:05:41 2025     I<s  bhyve: web (bhyve)"))
        .contains(
            new ProcessTable.Row(
                new HostProcess(7, Instant.parse("2025-11-04T18:05:41Z").getEpochSecond()),
                List.of("bhyve:", "web", "(bhyve)")));
    assertThat(PsTable.parse("    7 Tue Nov  4 18:05:41 2025     Z    <defunct>")).isEmpty();
    assertThatThrownBy(() -> PsTable.parse("    7 18:05 I")).isInstanceOf(VmException.class);
  }

  /** As 64-bit programs of illumos see it: 416 bytes, of which we read four fields. */
  private void psinfo(Path proc, long pid, int threads, long started, String arguments)
      throws Exception {
    ByteBuffer psinfo = ByteBuffer.allocate(416).order(ByteOrder.nativeOrder());
    psinfo.putInt(4, threads).putInt(8, (int) pid).putLong(88, started);
    psinfo.put(152, arguments.getBytes(StandardCharsets.UTF_8));
    Files.createDirectories(proc.resolve(Long.toString(pid)));
    Files.write(proc.resolve(Long.toString(pid)).resolve("psinfo"), psinfo.array());
  }

  @Test
  void whatTheKernelOfIllumosTellsIsRead() throws Exception {
    psinfo(directory, 7, 1, 1_764_000_000, "/bin/sh -c x vmctl-test mark");
    psinfo(directory, 8, 0, 1_764_000_000, "zombie");
    psinfo(directory, 9, 3, 1_764_000_009, "x".repeat(80));
    Files.createDirectories(directory.resolve("10"));
    UnixHostProcesses illumos =
        new UnixHostProcesses(new PsinfoTable(directory), List.of("no launcher"));
    assertThat(illumos.find(7)).contains(new HostProcess(7, 1_764_000_000));
    assertThat(illumos.find(8)).as("a zombie").isEmpty();
    assertThat(illumos.find(10)).as("gone this moment").isEmpty();
    assertThat(illumos.search(List.of("vmctl-test", "mark"))).map(HostProcess::pid).contains(7L);
    assertThat(illumos.commandLine(new HostProcess(9, 1_764_000_009)))
        .containsExactly("x".repeat(80));
    assertThat(illumos.isAlive(new HostProcess(9, 1_764_000_000))).isFalse();
  }

  @Test
  void aLauncherThatFailsIsAnError() {
    UnixHostProcesses broken = new UnixHostProcesses(new PsTable(), List.of("false"));
    assertThatThrownBy(
            () -> broken.start(new ProcessStart(List.of("/bin/true"), directory.resolve("log"))))
        .isInstanceOf(VmException.class)
        .hasMessageContaining("cannot start /bin/true");
    assertThat(Files.exists(directory.resolve("log"))).isTrue();
  }
}
