package dev.vmctl.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.model.VmException;
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

  private final UnixHostProcesses processes = new UnixHostProcesses(List.of("setsid", "-f"));
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
    assertThat(UnixHostProcesses.parse(7, "Tue Nov  4 18:05:41 2025     I<s\n"))
        .contains(new HostProcess(7, Instant.parse("2025-11-04T18:05:41Z").getEpochSecond()));
    assertThat(UnixHostProcesses.parse(7, "Tue Nov  4 18:05:41 2025     Z\n")).isEmpty();
    assertThatThrownBy(() -> UnixHostProcesses.parse(7, "18:05 I\n"))
        .isInstanceOf(VmException.class);
  }

  @Test
  void aLauncherThatFailsIsAnError() {
    UnixHostProcesses broken = new UnixHostProcesses(List.of("false"));
    assertThatThrownBy(
            () -> broken.start(new ProcessStart(List.of("/bin/true"), directory.resolve("log"))))
        .isInstanceOf(VmException.class)
        .hasMessageContaining("cannot start /bin/true");
    assertThat(Files.exists(directory.resolve("log"))).isTrue();
  }
}
