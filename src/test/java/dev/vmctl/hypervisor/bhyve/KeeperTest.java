package dev.vmctl.hypervisor.bhyve;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.vmctl.host.HostProcess;
import dev.vmctl.host.LinuxHostProcesses;
import dev.vmctl.host.ProcessStart;
import dev.vmctl.host.Signal;
import dev.vmctl.host.ToolRun;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.VmName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The keeper's script under a real shell, with scripts for bhyve and bhyvectl. */
class KeeperTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  private final LinuxHostProcesses processes = new LinuxHostProcesses();
  @TempDir Path directory;
  private VmHandle vm;
  private BhyveFiles files;
  private Path control;
  private Path console = Path.of("/dev/null");

  @SuppressWarnings("NullAway.Init") // Every test begins with keep.
  private HostProcess keeper;

  @BeforeEach
  void start() throws IOException {
    vm =
        new VmHandle(
            new VmName("web"),
            UUID.fromString("6f2c1d34-0b1a-4c3e-9a55-2f7f1f0a9b01"),
            directory,
            directory,
            null);
    files = new BhyveFiles(vm);
    control = script("bhyvectl", "echo \"$@\" >>" + directory.resolve("controlled"));
  }

  @AfterEach
  void end() throws InterruptedException {
    BhyveFiles.number(files.guestPid())
        .flatMap(processes::find)
        .ifPresent(process -> processes.signal(process, Signal.KILL));
    processes.signal(keeper, Signal.KILL);
    processes.awaitExit(keeper, LONG);
  }

  private Path script(String name, String body) throws IOException {
    Path file = directory.resolve(name);
    Files.writeString(file, "#!/bin/sh\n" + body + "\n");
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("rwxr-xr-x"));
    return file;
  }

  /** Keeps a bhyve that counts its runs in the file {@code runs} and then does this. */
  private void keep(String body) throws IOException {
    Path bhyve = script("bhyve", "echo run >>" + directory.resolve("runs") + "\n" + body);
    keeper =
        processes.start(
            new ProcessStart(
                Keeper.of(vm, control, console, List.of(bhyve.toString(), "-c", "1", "web")),
                files.log()));
  }

  private long runs() throws IOException {
    Path runs = directory.resolve("runs");
    return Files.exists(runs) ? Files.readAllLines(runs).size() : 0;
  }

  private void untilItRuns(int times) {
    await().atMost(LONG).until(() -> runs() >= times && Files.exists(files.guestPid()));
  }

  private void ends(int code) throws Exception {
    assertThat(processes.awaitExit(keeper, LONG)).isTrue();
    assertThat(BhyveFiles.number(files.exit())).contains(code);
    assertThat(directory.resolve("controlled")).hasContent("--vm=web --destroy\n");
  }

  @Test
  void aGuestThatRebootsIsRunAgainUntilItPowersItselfOff() throws Exception {
    keep("[ \"$(wc -l <" + directory.resolve("runs") + ")\" -ge 3 ] && exit 1; exit 0");
    ends(1);
    assertThat(runs()).isEqualTo(3);
  }

  @Test
  void itsExitCodeIsWrittenDownWhateverItIs() throws Exception {
    keep("exit 3");
    ends(3);
    assertThat(runs()).isEqualTo(1);
  }

  @Test
  void aKilledBhyveIsDestroyedAndItsSignalWrittenDown() throws Exception {
    keep("exec sleep 600");
    untilItRuns(1);
    HostProcess bhyve = processes.find(BhyveFiles.number(files.guestPid()).orElseThrow()).get();
    processes.signal(bhyve, Signal.KILL);
    ends(137);
  }

  @Test
  void aSigtermReachesTheGuestAsOftenAsItComes() throws Exception {
    Path pressed = Files.createFile(directory.resolve("pressed"));
    keep(
        "trap 'echo press >>"
            + pressed
            + "' TERM; while [ \"$(grep -c press "
            + pressed
            + ")\" -lt 2 ]; do sleep 0.05; done; exit 1");
    untilItRuns(1);
    await()
        .atMost(LONG)
        .until(
            () -> {
              // The shell under test may still be on its way to its trap.
              processes.signal(keeper, Signal.TERMINATE);
              return !processes.isAlive(keeper);
            });
    assertThat(Files.readAllLines(pressed)).hasSizeGreaterThanOrEqualTo(2);
    ends(1);
  }

  @Test
  void aGuestThatRebootsAtItsPowerButtonIsNotRunAgain() throws Exception {
    keep("trap 'exit 0' TERM; while :; do sleep 0.05; done");
    untilItRuns(1);
    await()
        .atMost(LONG)
        .until(
            () -> {
              processes.signal(keeper, Signal.TERMINATE);
              return !processes.isAlive(keeper);
            });
    assertThat(runs()).isEqualTo(1);
  }

  @Test
  void theEndOfATerminalDoesNotEndTheVm() throws Exception {
    keep("exec sleep 600");
    untilItRuns(1);
    for (String signal : List.of("HUP", "INT", "QUIT")) {
      processes.run(new ToolRun(List.of("kill", "-" + signal, Long.toString(keeper.pid())), LONG));
    }
    assertThat(processes.awaitExit(keeper, Duration.ofMillis(200))).isFalse();
    assertThat(processes.search(Keeper.identity(vm))).contains(keeper);
  }

  /** A terminal whose other end is held by a script that says again what it is told to say. */
  private Process terminal() throws IOException {
    Path script =
        Files.writeString(
            directory.resolve("terminal.py"),
            """
            import os, sys
            master, slave = os.openpty()
            print(os.ttyname(slave), flush=True)
            for line in sys.stdin:
                os.write(master, line.encode())
            """);
    return new ProcessBuilder("python3", script.toString()).start();
  }

  @Test
  void whatTheGuestWritesIsKeptAsItIs() throws Exception {
    Process terminal = terminal();
    try {
      console = Path.of(terminal.inputReader().readLine());
      keep("exec sleep 600");
      untilItRuns(1);
      ToolRun settings = new ToolRun(List.of("stty", "-F", console.toString(), "-a"), LONG);
      await().atMost(LONG).until(() -> processes.run(settings).output().contains(" -echo "));
      terminal.outputWriter().append("booting\n").flush();
      await().atMost(LONG).until(() -> Files.size(files.console()) == 8);
      assertThat(files.console()).content().isEqualTo("booting\n");
    } finally {
      terminal.destroyForcibly();
    }
  }
}
