package dev.vmctl.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.model.VmException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ServiceNoticeTest {
  private static final Duration SOON = Duration.ofSeconds(10);

  @TempDir Path directory;

  private static ServiceNotice notice(String socket) {
    return ServiceNotice.of(Map.of("NOTIFY_SOCKET", socket), 7).orElseThrow();
  }

  @Test
  void theSupervisorIsToldByASocketInTheFileSystem() {
    Path path = directory.resolve("notify");
    try (NotifySocket supervisor = NotifySocket.at(path)) {
      ServiceNotice notice = notice(path.toString());
      notice.ready("serves");
      notice.alive();
      notice.stopping();
      assertThat(supervisor.next(SOON)).isEqualTo("READY=1\nSTATUS=serves");
      assertThat(supervisor.next(SOON)).isEqualTo("WATCHDOG=1");
      assertThat(supervisor.next(SOON)).isEqualTo("STOPPING=1");
    }
  }

  @Test
  void theSupervisorIsToldByAnAbstractSocket() {
    String name = "vmctl-test-" + ProcessHandle.current().pid();
    try (NotifySocket supervisor = new NotifySocket("\0" + name)) {
      notice("@" + name).alive();
      assertThat(supervisor.next(SOON)).isEqualTo("WATCHDOG=1");
    }
  }

  @Test
  void withoutASupervisorNothingIsTold() {
    assertThat(ServiceNotice.of(Map.of(), 7)).isEmpty();
  }

  @Test
  void aSupervisorThatIsGoneIsAFailure() {
    ServiceNotice notice = notice(directory.resolve("gone").toString());
    assertThatThrownBy(notice::alive).isInstanceOf(VmException.class).hasMessageContaining("2");
  }

  @ParameterizedTest
  @ValueSource(strings = {"relative", "vsock:2:1234"})
  void whatIsNoUnixSocketIsRefused(String socket) {
    assertThatThrownBy(() -> notice(socket))
        .isInstanceOf(VmException.class)
        .hasMessageContaining(socket);
  }

  @Test
  void theWatchdogIsOfTheProcessItNames() {
    Map<String, String> ours =
        Map.of("NOTIFY_SOCKET", "/n", "WATCHDOG_USEC", "2000000", "WATCHDOG_PID", "7");
    assertThat(ServiceNotice.of(ours, 7).orElseThrow().watchdog()).isEqualTo(Duration.ofSeconds(2));
    assertThat(ServiceNotice.of(ours, 8).orElseThrow().watchdog()).isZero();
  }
}
