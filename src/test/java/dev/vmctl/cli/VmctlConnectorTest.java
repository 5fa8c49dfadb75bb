package dev.vmctl.cli;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.vmctl.api.Vmctl;
import dev.vmctl.api.http.DaemonClient;
import dev.vmctl.api.http.HttpApi;
import dev.vmctl.model.EnginePolicy;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VmctlConnectorTest {
  @TempDir Path data;
  private final ScriptedVmctl local = new ScriptedVmctl();
  private boolean locked;
  private int opened;
  private final VmctlConnector connector =
      new VmctlConnector(
          new LocalEngine() {
            @Override
            public Vmctl open(Path dataDirectory, Duration lockTimeout, EnginePolicy policy) {
              opened++;
              if (locked) {
                throw new VmException(ErrorCode.STORE_LOCKED, "held by process 7", "wait");
              }
              return local;
            }

            @Override
            public Vmctl openReadOnly(Path dataDirectory) {
              opened++;
              return local;
            }
          });

  /** A daemon that answers every question with who it is. */
  private ServerSocketChannel daemon(String version) throws IOException {
    ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
    server.bind(UnixDomainSocketAddress.of(HttpApi.socket(data)));
    String body =
        """
        {"version":"%s","pid":1,"daemon":true,"ready":true,"dataDirectory":"/d","sources":[]}"""
            .formatted(version);
    String answer =
        "HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: %d\r\n%s: %s\r\n\r\n%s"
            .formatted(body.length(), HttpApi.VERSION_HEADER, version, body);
    Thread.ofVirtual()
        .start(
            () -> {
              while (true) {
                try (SocketChannel peer = server.accept()) {
                  if (peer.read(ByteBuffer.allocate(8192)) > 0) {
                    peer.write(ByteBuffer.wrap(answer.getBytes(StandardCharsets.US_ASCII)));
                  }
                } catch (IOException over) {
                  return;
                }
              }
            });
    return server;
  }

  private static void leaveStaleSocket(Path socket) throws IOException {
    ServerSocketChannel.open(StandardProtocolFamily.UNIX)
        .bind(UnixDomainSocketAddress.of(socket))
        .close();
  }

  @Test
  void aDaemonThatAnswersIsAskedAndNoEngineOpened() throws IOException {
    try (ServerSocketChannel ignored = daemon("0.1.0")) {
      assertThat(connector.forReading(data, null)).isInstanceOf(DaemonClient.class);
      assertThat(connector.forWriting(data, null, Duration.ZERO, EnginePolicy.STANDARD))
          .isInstanceOf(DaemonClient.class);
    }
    assertThat(opened).isZero();
  }

  @Test
  void withoutADaemonTheEngineIsInThisProcess() {
    assertThat(connector.forReading(data, null)).isSameAs(local);
    assertThat(connector.forWriting(data, null, Duration.ZERO, EnginePolicy.STANDARD))
        .isSameAs(local);
  }

  @Test
  void aSocketThatNobodyListensOnIsNoDaemon() throws IOException {
    leaveStaleSocket(HttpApi.socket(data));

    assertThat(connector.forReading(data, null)).isSameAs(local);
    assertThat(connector.hasDaemon(data, null)).isFalse();
  }

  @Test
  void aHeldLockBehindASilentSocketIsADaemonThatCannotBeReached() throws IOException {
    leaveStaleSocket(HttpApi.socket(data));
    locked = true;

    assertThatExceptionOfType(VmException.class)
        .isThrownBy(() -> connector.forWriting(data, null, Duration.ZERO, EnginePolicy.STANDARD))
        .withMessageContaining("held by process 7")
        .satisfies(failure -> assertThat(failure.code()).isEqualTo(ErrorCode.DAEMON_UNREACHABLE));
  }

  @Test
  void aDaemonOfAnotherVersionIsAskedButNotCommanded() throws IOException {
    try (ServerSocketChannel ignored = daemon("9.9.9")) {
      assertThat(connector.forReading(data, null).info().version()).isEqualTo("9.9.9");
      assertThatExceptionOfType(VmException.class)
          .isThrownBy(() -> connector.forWriting(data, null, Duration.ZERO, EnginePolicy.STANDARD))
          .withMessage("the daemon is vmctl 9.9.9, this is 0.1.0")
          .satisfies(failure -> assertThat(failure.code()).isEqualTo(ErrorCode.VERSION_SKEW));
    }
  }
}
