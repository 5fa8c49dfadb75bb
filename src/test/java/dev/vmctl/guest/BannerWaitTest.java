package dev.vmctl.guest;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import dev.vmctl.host.CancellableWork;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(60)
class BannerWaitTest {
  private interface Handler {
    void handle(Socket socket) throws IOException;
  }

  @TempDir Path directory;

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<Socket> accepted = new CopyOnWriteArrayList<>();

  @AfterEach
  void close() throws IOException {
    for (Socket socket : accepted) {
      socket.close();
    }
    threads.shutdownNow();
  }

  @Test
  void aBannerEndsTheWait() throws Exception {
    try (ServerSocket server = server(socket -> say(socket, "SSH-2.0-dropbear\r\n"))) {
      new BannerWait(target(server.getLocalPort(), 10_000), threads).await();
    }
  }

  @Test
  void aBannerMayComeAfterOtherLines() throws Exception {
    try (ServerSocket server =
        server(socket -> say(socket, "welcome\r\nto the guest\r\nSSH-2.0-OpenSSH_9.2\r\n"))) {
      new BannerWait(target(server.getLocalPort(), 10_000), threads).await();
    }
  }

  @Test
  void aServerThatStartsLaterIsFound() throws Exception {
    int port = freePort();
    CompletableFuture<Void> wait = start(target(port, 20_000));
    await().pollDelay(Duration.ofMillis(300)).until(() -> !wait.isDone());
    try (ServerSocket server = new ServerSocket(port, 50, InetAddress.getLoopbackAddress())) {
      threads.execute(() -> acceptAll(server, socket -> say(socket, "SSH-2.0-x\r\n")));
      wait.get(10, SECONDS);
    }
  }

  @Test
  void aConnectionThatAnswersLateIsNotGivenUp() throws Exception {
    // Like QEMU's user network while the guest boots: only the first connection is ever answered.
    try (ServerSocket server = server(socket -> {})) {
      CompletableFuture<Void> wait = start(target(server.getLocalPort(), 20_000));
      await().until(() -> accepted.size() >= 3);
      say(accepted.getFirst(), "SSH-2.0-slow\r\n");
      wait.get(10, SECONDS);
      assertThat(accepted).hasSizeLessThanOrEqualTo(5);
    }
  }

  @Test
  void nothingThereIsSaid() throws Exception {
    assertTimesOut(freePort(), "nothing listens there (connection refused)");
  }

  @Test
  @Fault(area = Area.GUEST, value = "an SSH server that accepts and stays silent")
  void silenceIsSaid(Seen seen) throws Exception {
    try (ServerSocket server = server(socket -> {})) {
      seen.failed(assertTimesOut(server.getLocalPort(), "accepts connections and stays silent"));
    }
  }

  @Test
  @Fault(area = Area.GUEST, value = "no SSH server")
  void closingAtOnceIsSaid(Seen seen) throws Exception {
    try (ServerSocket server = server(Socket::close)) {
      seen.failed(assertTimesOut(server.getLocalPort(), "closed at once"));
    }
  }

  @Test
  @Fault(area = Area.GUEST, value = "something else than SSH on its port")
  void anotherServiceIsSaid(Seen seen) throws Exception {
    try (ServerSocket server = server(socket -> say(socket, "220 \u001b[1mmail ready\r\n"))) {
      seen.failed(
          assertTimesOut(server.getLocalPort(), "not an SSH server answers: '220 mail ready'"));
    }
  }

  @Test
  void cancellingEndsTheTries() throws Exception {
    try (ServerSocket server = server(socket -> {})) {
      CompletableFuture<Void> wait = start(target(server.getLocalPort(), 60_000));
      await().until(() -> !accepted.isEmpty());
      wait.cancel(true);

      await().until(() -> accepted.stream().allMatch(BannerWaitTest::isClosedByPeer));
    }
  }

  private VmException assertTimesOut(int port, String what) {
    VmException failure =
        catchThrowableOfType(
            VmException.class, () -> new BannerWait(target(port, 800), threads).await());
    assertThat(failure)
        .hasMessageContaining("127.0.0.1:" + port + " within 800 ms")
        .hasMessageContaining(what)
        .matches(e -> e.code() == ErrorCode.SSH_TIMEOUT && !e.help().isEmpty());
    return failure;
  }

  private CompletableFuture<Void> start(SshTarget target) {
    return CancellableWork.start(
        threads,
        () -> {
          new BannerWait(target, threads).await();
          return null;
        });
  }

  private ServerSocket server(Handler handler) throws IOException {
    ServerSocket server = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
    threads.execute(() -> acceptAll(server, handler));
    return server;
  }

  private void acceptAll(ServerSocket server, Handler handler) {
    try {
      while (true) {
        Socket socket = server.accept();
        accepted.add(socket);
        handler.handle(socket);
      }
    } catch (IOException e) {
      // closed: the test is over
    }
  }

  private static void say(Socket socket, String text) throws IOException {
    socket.getOutputStream().write(text.getBytes(StandardCharsets.UTF_8));
  }

  private static boolean isClosedByPeer(Socket socket) {
    try {
      socket.setSoTimeout(50);
      return socket.getInputStream().read() < 0;
    } catch (IOException e) {
      return false; // nothing yet
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  private SshTarget target(int port, long milliseconds) {
    return new SshTarget(
        new VmName("web"),
        "127.0.0.1",
        port,
        "vm",
        directory,
        null,
        false,
        Duration.ofMillis(milliseconds));
  }
}
