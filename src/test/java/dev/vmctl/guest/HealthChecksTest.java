package dev.vmctl.guest;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.sun.net.httpserver.HttpServer;
import dev.vmctl.agent.FakeAgent;
import dev.vmctl.host.LinuxHostFacts;
import dev.vmctl.host.LinuxHostProcesses;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.ProbeCheck;
import dev.vmctl.model.ShareFacts;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Checks against a real SSH server that forwards, and real TCP and HTTP servers behind it. */
@Timeout(120)
class HealthChecksTest {
  private static final VmName WEB = new VmName("web");
  private static final Duration LONG = Duration.ofSeconds(30);
  private static final Duration SHORT = Duration.ofMillis(700);
  private static final Duration INTERVAL = Duration.ofMillis(50);

  @TempDir Path directory;

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final SshGuests guests =
      new SshGuests(
          threads,
          Clock.systemUTC(),
          new LinuxHostProcesses(),
          new LinuxHostFacts(Map.of(), Path.of("/nonexistent"), "tester"));
  private @Nullable FakeSshServer sshd;
  private @Nullable HttpServer http;

  @BeforeEach
  void start() throws IOException {
    guests.writeSeed(directory, GuestSpecs.named("web"), UUID.randomUUID(), SeedNetwork.USUAL);
    sshd =
        new FakeSshServer(
            directory.resolve(Guests.HOST_KEY),
            Files.readString(directory.resolve(Guests.CLIENT_KEY + ".pub")),
            command -> {
              command.out.write("no luck\n".getBytes(StandardCharsets.UTF_8));
              command.out.flush();
              command.exit(command.text.equals("true") ? 0 : 3);
            });
    http = HttpServer.create(new InetSocketAddress(InetAddress.getLoopbackAddress(), 0), 0);
    http.createContext(
        "/",
        exchange -> {
          exchange.sendResponseHeaders(
              exchange.getRequestURI().getPath().equals("/health") ? 204 : 503, -1);
          exchange.close();
        });
    http.start();
  }

  @AfterEach
  void stop() throws IOException {
    guests.close();
    Objects.requireNonNull(sshd).close();
    Objects.requireNonNull(http).stop(0);
    threads.shutdownNow();
  }

  private GuestAccess guest(Map<Integer, InetSocketAddress> forwards) {
    int port = Objects.requireNonNull(sshd).port();
    SshTarget target = new SshTarget(WEB, "127.0.0.1", port, "vm", directory, null, false, LONG);
    return new GuestAccess(WEB, directory, target, null, forwards, directory.resolve("agent.sock"));
  }

  private Optional<String> look(GuestAccess guest, ProbeCheck check) throws Exception {
    return guests.look(new HealthCheck(guest, List.of(check), INTERVAL, LONG)).get(60, SECONDS);
  }

  private Optional<String> look(ProbeCheck check) throws Exception {
    return look(guest(Map.of()), check);
  }

  private int httpPort() {
    return Objects.requireNonNull(http).getAddress().getPort();
  }

  private static int closedPort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  @Test
  void aBannerPasses() throws Exception {
    assertThat(look(new ProbeCheck.Ssh())).isEmpty();
  }

  @Test
  void aPortInsideTheGuestIsAskedForBySsh() throws Exception {
    assertThat(look(new ProbeCheck.Tcp(httpPort()))).isEmpty();
    assertThat(look(new ProbeCheck.Tcp(closedPort()))).get().asString().startsWith("tcp ");
  }

  @Test
  void aPageInsideTheGuestIsAskedForBySshAndJudgedByItsStatus() throws Exception {
    assertThat(look(new ProbeCheck.Http("/health", httpPort()))).isEmpty();
    assertThat(look(new ProbeCheck.Http("/other", httpPort()))).get().asString().contains("503");
  }

  @Test
  void aPageBehindAForwardIsAskedForThere() throws Exception {
    GuestAccess guest =
        guest(Map.of(80, new InetSocketAddress(InetAddress.getLoopbackAddress(), httpPort())));
    assertThat(look(guest, new ProbeCheck.Http("/health", 80))).isEmpty();
  }

  @Test
  void aGuestWithAnAddressIsAskedThere() throws Exception {
    GuestAccess guest =
        new GuestAccess(WEB, directory, null, InetAddress.getLoopbackAddress(), Map.of(), null);
    assertThat(look(guest, new ProbeCheck.Tcp(httpPort()))).isEmpty();
    assertThat(look(guest, new ProbeCheck.Http("/health", httpPort()))).isEmpty();
    assertThat(look(guest, new ProbeCheck.Tcp(closedPort()))).isPresent();
  }

  @Test
  void whatClosesAtOnceBehindAForwardDoesNotListen() throws Exception {
    try (ServerSocket qemu = new ServerSocket(0, 5, InetAddress.getLoopbackAddress())) {
      threads.execute(
          () -> {
            try {
              qemu.accept().close();
            } catch (IOException e) {
              throw new UncheckedIOException(e);
            }
          });
      GuestAccess guest =
          new GuestAccess(
              WEB,
              directory,
              null,
              null,
              Map.of(
                  5432,
                  new InetSocketAddress(InetAddress.getLoopbackAddress(), qemu.getLocalPort())),
              null);
      assertThat(look(guest, new ProbeCheck.Tcp(5432))).get().asString().contains("listens");
    }
  }

  @Test
  void aCommandPassesByItsExitCodeAndItsLastWordsAreTold() throws Exception {
    assertThat(look(new ProbeCheck.Exec("true"))).isEmpty();
    assertThat(look(new ProbeCheck.Exec("false"))).get().asString().contains("3", "no luck");
  }

  @Test
  void anAgentPassesWhenItAnswers() throws Exception {
    assertThat(look(new ProbeCheck.Agent())).isPresent();
    try (FakeAgent agent = FakeAgent.at(directory.resolve("agent.sock"))) {
      assertThat(look(new ProbeCheck.Agent())).isEmpty();
      assertThat(agent.silent).isFalse();
    }
  }

  @Test
  void onlyWhatTheConsoleSaysInThisRunCounts() throws Exception {
    Path log = directory.resolve(Guests.CONSOLE_LOG);
    Files.writeString(log, "old login:\n");
    guests.starting(directory);
    assertThat(look(new ProbeCheck.Log("log.n:"))).isPresent();
    Files.writeString(log, "\u001b[1mnew login:\u001b[0m\n", StandardOpenOption.APPEND);
    assertThat(look(new ProbeCheck.Log("^new log.n:"))).isEmpty();
    assertThat(guests.consoleTail(directory)).containsExactly("new login:");
  }

  @Test
  void aLogThatWasBegunAnewIsReadFromItsStart() throws Exception {
    Path log = directory.resolve(Guests.CONSOLE_LOG);
    Files.writeString(log, "a long log of an earlier run\n");
    guests.starting(directory);
    Files.writeString(log, "up\n");
    assertThat(look(new ProbeCheck.Log("up"))).isEmpty();
  }

  @Test
  void readyIsWhenAllChecksPass() throws Exception {
    int port = closedPort();
    HealthCheck wanted =
        new HealthCheck(
            guest(Map.of()),
            List.of(new ProbeCheck.Ssh(), new ProbeCheck.Tcp(port)),
            INTERVAL,
            LONG);
    CompletableFuture<List<ShareFacts>> ready = guests.awaitReady(wanted, GuestShares.NONE);
    await().pollDelay(Duration.ofMillis(300)).until(() -> !ready.isDone());
    try (ServerSocket server = new ServerSocket(port, 5, InetAddress.getLoopbackAddress())) {
      ready.get(30, SECONDS);
      assertThat(server.isBound()).isTrue();
    }
  }

  private VmException notReady(HealthCheck wanted) {
    CompletionException failure =
        catchThrowableOfType(
            CompletionException.class, () -> guests.awaitReady(wanted, GuestShares.NONE).join());
    return (VmException) Objects.requireNonNull(failure.getCause());
  }

  @Test
  void notReadyInTimeSaysWhatWasWrongLast() throws Exception {
    HealthCheck wanted =
        new HealthCheck(
            guest(Map.of()), List.of(new ProbeCheck.Http("/no", httpPort())), INTERVAL, SHORT);
    assertThat(notReady(wanted))
        .hasMessageContaining("503")
        .extracting(VmException::code)
        .isEqualTo(ErrorCode.GUEST_NOT_READY);
  }

  @Test
  void aDeadKernelIsNotWaitedFor() throws Exception {
    Files.writeString(
        directory.resolve(Guests.CONSOLE_LOG), "Kernel panic - not syncing: no init found\n");
    HealthCheck wanted =
        new HealthCheck(
            guest(Map.of()), List.of(new ProbeCheck.Log("login:")), INTERVAL, Duration.ofHours(1));
    assertThat(notReady(wanted))
        .hasMessageContaining("no init found")
        .extracting(VmException::code)
        .isEqualTo(ErrorCode.GUEST_KERNEL_PANIC);
  }
}
