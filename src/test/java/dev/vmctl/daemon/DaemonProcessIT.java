package dev.vmctl.daemon;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.api.VmSummary;
import dev.vmctl.api.http.DaemonClient;
import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import dev.vmctl.host.NotifySocket;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import org.awaitility.Awaitility;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** The daemon as whoever starts and ends it sees it, with the engine of this host. */
class DaemonProcessIT {
  private static final String ANY_PORT = "127.0.0.1:0";

  private Path root = Path.of("/nonexistent");
  private Path data = root;

  @BeforeEach
  void directories(@TempDir Path directory) {
    root = directory;
    data = directory.resolve("data");
  }

  @Test
  void aDirectoryIsFollowedAndOnlyItsOwnerIsServed() throws Exception {
    Path watched = Files.createDirectory(root.resolve("watched"));
    Files.writeString(
        watched.resolve("VMFile.kdl"), "vm \"web\" {\n  backend \"noop\"\n  ssh\n}\n");
    try (DaemonProcess daemon =
        start("--listen", ANY_PORT, "--watch", watched.toString()).serving()) {
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> daemon.client().list().stream().anyMatch(VmSummary::ready));
      Awaitility.await()
          .atMost(Duration.ofSeconds(30))
          .until(() -> MetricsClient.get(daemon.port(), "/health/ready").status() == 200);
      assertThat(MetricsClient.get(daemon.port(), "/metrics").body())
          .contains("vmctl_vm_ready{vm=\"web\",} 1.0", "vmctl_source_up{source=\"" + watched);
      assertThat(daemon.client().info().pid()).isEqualTo(daemon.pid());
      assertThat(permissions(data)).isEqualTo("rwx------");
      assertThat(permissions(data.resolve("vmctl.sock"))).isEqualTo("rw-------");
      assertThat(root.resolve("working")).isEmptyDirectory();
    }
  }

  @ParameterizedTest
  @ValueSource(strings = {"TERM", "INT"})
  void aSignalEndsItWithZeroThoughSomebodyWaits(String signal) throws Exception {
    try (DaemonProcess daemon = start("--listen", "none").serving()) {
      long version = daemon.client().changes(Set.of(), 0, Duration.ZERO).version();
      CompletableFuture<?> waiting = CompletableFuture.runAsync(() -> follow(daemon, version));
      assertThat(daemon.client().list()).isEmpty();
      daemon.signal(signal);
      assertThat(daemon.exitCode(Duration.ofSeconds(10))).isZero();
      waiting.join();
      assertThat(data.resolve("vmctl.sock")).doesNotExist();
    }
  }

  @Test
  @Fault(area = Area.PROCESSES, value = "a second daemon")
  void aSecondDaemonIsRefusedAtOnceNamingTheFirst(Seen seen) throws Exception {
    try (DaemonProcess first = start("--listen", "none").serving();
        DaemonProcess second = start("--listen", "none")) {
      assertThat(second.exitCode()).isEqualTo(1);
      assertThat(second.stderr())
          .startsWith("error[store.locked]: another daemon has " + data + ": process ")
          .contains(Long.toString(first.pid()), "/bin/java", "\n  help: ")
          .doesNotContain("\tat ");
      seen.calling(data, "<data>").ended(1, second.stderr().replaceAll("\\(.*\\)", "(<command>)"));
      assertThat(first.client().info().pid()).isEqualTo(first.pid());
    }
  }

  @Test
  void aSupervisorIsToldWhenItServesThatItLivesAndThatItEnds() throws Exception {
    Path socket = root.resolve("notify");
    try (NotifySocket supervisor = NotifySocket.at(socket);
        DaemonProcess daemon =
            DaemonProcess.start(
                Map.of("NOTIFY_SOCKET", socket.toString(), "WATCHDOG_USEC", "400000"),
                root,
                data,
                "--listen",
                "none")) {
      Duration patience = Duration.ofSeconds(60);
      assertThat(supervisor.next(patience)).startsWith("READY=1\nSTATUS=serves " + data);
      assertThat(daemon.client().info().daemon()).isTrue();
      assertThat(supervisor.next(patience)).isEqualTo("WATCHDOG=1");
      assertThat(supervisor.next(patience)).isEqualTo("WATCHDOG=1");
      daemon.signal("TERM");
      Awaitility.await()
          .atMost(patience)
          .until(() -> supervisor.next(patience).equals("STOPPING=1"));
    }
  }

  @Test
  void whatAKilledDaemonLeftIsReplaced() throws Exception {
    try (DaemonProcess killed = start("--listen", "none").serving()) {
      killed.signal("KILL");
      killed.exitCode();
    }
    assertThat(data.resolve("vmctl.sock")).exists();
    try (DaemonProcess successor = start("--listen", "none").serving()) {
      assertThat(successor.client().info().pid()).isEqualTo(successor.pid());
    }
  }

  @Test
  void aDirectoryTooDeepForASocketIsServedAllTheSame() throws Exception {
    data = root.resolve("deep/".repeat(25));
    try (DaemonProcess daemon = start("--listen", "none").serving()) {
      assertThat(daemon.client().info().dataDirectory()).isEqualTo(data);
      daemon.signal("TERM");
      assertThat(daemon.exitCode()).isZero();
    }
  }

  @Test
  @Fault(area = Area.HOST, value = "the daemon's port is taken")
  void aTakenPortIsToldWithoutATrace(Seen seen) throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getLoopbackAddress());
        DaemonProcess daemon = start("--listen", "127.0.0.1:" + taken.getLocalPort())) {
      assertThat(daemon.exitCode()).isEqualTo(1);
      seen.calling(taken.getLocalPort(), "<port>").ended(1, errorsOf(daemon));
      assertThat(daemon.stderr())
          .contains("error[network.port_taken]: ", ":" + taken.getLocalPort(), "--listen")
          .doesNotContain("\tat ");
    }
  }

  @Test
  @Fault(area = Area.DATA, value = "it lies below a file")
  void aDataDirectoryThatCannotBeIsToldWithoutATrace(Seen seen) throws Exception {
    data = Files.createFile(root.resolve("file")).resolve("data");
    try (DaemonProcess daemon = start("--listen", "none")) {
      assertThat(daemon.exitCode()).isEqualTo(1);
      seen.calling(data, "<data>").calling(root, "<dir>").ended(1, errorsOf(daemon));
      assertThat(daemon.stderr())
          .startsWith("error[io]: ")
          .contains(data.toString())
          .doesNotContain("\tat ");
    }
  }

  @Test
  void aWrongCommandLineExitsWith64() throws Exception {
    try (DaemonProcess daemon = start("--listen", "0.0.0.0:9464")) {
      assertThat(daemon.exitCode()).isEqualTo(64);
      assertThat(daemon.stderr()).startsWith("error[usage]: ").contains("not a loopback address");
      assertThat(data).doesNotExist();
    }
  }

  private static String errorsOf(DaemonProcess daemon) throws IOException {
    String all = daemon.stderr();
    return all.substring(Math.max(0, all.indexOf("error[")));
  }

  private DaemonProcess start(String... options) throws IOException {
    return DaemonProcess.start(root, data, options);
  }

  /** Waits for a change until the daemon goes. */
  private static void follow(DaemonProcess daemon, long version) {
    DaemonClient client = daemon.client();
    try {
      client.changes(Set.of(), version, Duration.ofSeconds(60));
    } catch (VmException gone) {
      assertThat(gone.code().text()).isEqualTo("daemon.unreachable");
    }
  }

  private static String permissions(Path path) throws IOException {
    return PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
  }
}
