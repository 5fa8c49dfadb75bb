package dev.vmctl.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.host.LinuxHostFacts;
import dev.vmctl.host.LinuxHostProcesses;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Programs run by the real QEMU guest agent, which listens on a socket of this host. */
class AgentProgramTest {
  private static final Duration LONG = Duration.ofSeconds(30);

  @TempDir Path directory;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final SshGuests guests =
      new SshGuests(
          threads,
          Clock.systemUTC(),
          new LinuxHostProcesses(),
          new LinuxHostFacts(Map.of(), Path.of("/"), "tester"));
  private Process agent = new ProcessBuilder("true").start();

  AgentProgramTest() throws Exception {}

  @BeforeEach
  void start() throws Exception {
    agent =
        new ProcessBuilder(
                "qemu-ga",
                "-m",
                "unix-listen",
                "-p",
                socket().toString(),
                "-t",
                directory.toString(),
                "-f",
                directory.resolve("pid").toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("agent.log").toFile())
            .start();
    Awaitility.await().until(() -> Files.exists(socket()));
  }

  @AfterEach
  void end() throws InterruptedException {
    // Asked politely while it waits for a client that is gone, it stays.
    agent.destroyForcibly();
    agent.waitFor();
    guests.close();
    threads.close();
  }

  private Path socket() {
    return directory.resolve("agent.sock");
  }

  private long begin(String input, String... command) throws Exception {
    return guests
        .startProgram(socket(), List.of(command), input.getBytes(StandardCharsets.UTF_8))
        .get(60, TimeUnit.SECONDS);
  }

  private Optional<ProgramEnd> await(long id, Duration wait) throws Exception {
    return guests.awaitProgram(socket(), id, wait).get(60, TimeUnit.SECONDS);
  }

  private ProgramEnd run(String input, String... command) throws Exception {
    return await(begin(input, command), LONG).orElseThrow();
  }

  private static String text(byte[] bytes) {
    return new String(bytes, StandardCharsets.UTF_8);
  }

  @Test
  void outputErrorsInputAndExitCodeAreThoseOfTheProgram() throws Exception {
    ProgramEnd end = run("gr\u00fc\u00df dich\n", "sh", "-c", "cat; echo 'a  b' >&2; exit 3", "x");
    assertThat(end.exitCode()).isEqualTo(3);
    assertThat(text(end.out())).isEqualTo("gr\u00fc\u00df dich\n");
    assertThat(text(end.err())).isEqualTo("a  b\n");
    assertThat(end.cut()).isFalse();
    assertThat(run("", "true").out()).isEmpty();
  }

  @Test
  void aSignalIsAnExitCodeAsShellsHaveIt() throws Exception {
    assertThat(run("", "sh", "-c", "kill -9 $$").exitCode()).isEqualTo(137);
  }

  @Test
  void muchInputAndOutputComesWhole() throws Exception {
    String much = "0123456789abcdef".repeat(1 << 17); // 2 MiB
    assertThat(text(run(much, "cat").out())).isEqualTo(much);
    ProgramEnd cut = run("", "head", "-c", "20000000", "/dev/zero");
    assertThat(cut.cut()).isTrue();
    assertThat(cut.out()).hasSize(16 << 20);
  }

  @Test
  void oneThatRunsOnIsWaitedForAndOthersGetTheirTurn() throws Exception {
    Path end = directory.resolve("end");
    long id = begin("", "sh", "-c", "until [ -e '" + end + "' ]; do sleep 0.01; done; echo over");
    assertThat(await(id, Duration.ZERO)).isEmpty();
    assertThat(guests.facts(socket()).get(60, TimeUnit.SECONDS).os()).isNotEmpty();
    Files.createFile(end);
    assertThat(text(await(id, LONG).orElseThrow().out())).isEqualTo("over\n");
  }

  @Test
  void whatIsNotThereIsRefused() {
    assertThatThrownBy(() -> begin("", "no-such-program"))
        .isInstanceOf(ExecutionException.class)
        .cause()
        .hasMessageContaining("no-such-program")
        .isInstanceOfSatisfying(
            VmException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.AGENT_REFUSED));
    assertThatThrownBy(() -> await(1 << 30, LONG)).cause().hasMessageContaining("refuses");
  }
}
