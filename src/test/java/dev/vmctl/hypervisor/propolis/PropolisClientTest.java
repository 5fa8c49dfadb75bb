package dev.vmctl.hypervisor.propolis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import dev.vmctl.hypervisor.propolis.FakePropolisServer.Mishap;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.net.http.HttpClient;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Optional;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class PropolisClientTest {
  private static final Duration SOON = Duration.ofSeconds(10);
  private static final UUID ID = UUID.fromString("6f2c1d34-0b1a-4c3e-9a55-2f7f1f0a9b01");
  private static final HttpClient HTTP = PropolisClient.http(SOON);

  private FakePropolisServer server;
  private PropolisClient client;

  @BeforeEach
  void start() {
    server = new FakePropolisServer();
    client = new PropolisClient(HTTP, server.address(), ApiVersion.DEFAULT);
  }

  @AfterEach
  void everythingFittedTheDocument() {
    server.close();
    assertThat(server.violations).isEmpty();
    assertThat(server.inside.violations).isEmpty();
  }

  @AfterAll
  static void close() {
    HTTP.shutdownNow();
  }

  private void ensure() throws Refusal, InterruptedException {
    Guest guest = new Guest(ID, "web", 1, 512, Path.of("/dev/zvol/rdsk/a"), null, null, "host-a");
    client.ensure(InstanceSpec.request(guest, ApiVersion.DEFAULT), SOON);
  }

  @Test
  void thereIsNoInstanceBeforeTheFirst() throws Exception {
    assertThat(client.instance(SOON)).isEmpty();
    assertThatThrownBy(() -> client.request(RequestedState.RUN, SOON))
        .isInstanceOfSatisfying(Refusal.class, e -> assertThat(e.isNoInstance()).isTrue());
    assertThatThrownBy(() -> client.monitor(0, SOON))
        .isInstanceOfSatisfying(Refusal.class, e -> assertThat(e.isNoInstance()).isTrue());
  }

  @Test
  void anInstanceIsMadeRunAndStopped() throws Exception {
    ensure();
    assertThat(client.instance(SOON))
        .isEqualTo(Optional.of(new Instance(ID, InstanceState.CREATING)));
    assertThat(client.monitor(0, SOON)).isEqualTo(new Instance.Change(1, InstanceState.CREATING));

    client.request(RequestedState.RUN, SOON);
    assertThat(client.monitor(2, SOON)).isEqualTo(new Instance.Change(3, InstanceState.RUNNING));
    client.request(RequestedState.RUN, SOON);

    client.request(RequestedState.STOP, SOON);
    assertThat(client.monitor(4, SOON).state()).isEqualTo(InstanceState.DESTROYED);
    assertThat(client.instance(SOON))
        .isEqualTo(Optional.of(new Instance(ID, InstanceState.DESTROYED)));
    assertThatThrownBy(() -> client.monitor(7, SOON))
        .isInstanceOfSatisfying(Refusal.class, e -> assertThat(e.isGone()).isTrue());
    assertThatThrownBy(() -> client.request(RequestedState.STOP, SOON))
        .isInstanceOfSatisfying(Refusal.class, e -> assertThat(e.isNoInstance()).isTrue());
  }

  @Test
  void aSecondInstanceIsRefusedUntilTheFirstIsGoneAndThenCountsFromOne() throws Exception {
    ensure();
    assertThatThrownBy(this::ensure)
        .isInstanceOfSatisfying(
            Refusal.class,
            e -> {
              assertThat(e.isConflict()).isTrue();
              assertThat(client.failure(e).code()).isEqualTo(ErrorCode.PROPOLIS_STATE_REFUSED);
            });
    client.request(RequestedState.STOP, SOON);
    ensure();
    assertThat(client.monitor(0, SOON).generation()).isEqualTo(1);
  }

  @Test
  void aMonitorWaitsForTheChange() throws Exception {
    ensure();
    CompletableFuture<Instance.Change> seen = new CompletableFuture<>();
    Thread.ofVirtual()
        .start(
            () -> {
              try {
                seen.complete(client.monitor(2, SOON));
              } catch (Exception e) {
                seen.completeExceptionally(e);
              }
            });
    assertThat(seen).isNotDone();
    client.request(RequestedState.RUN, SOON);
    assertThat(seen.get(20, TimeUnit.SECONDS).generation()).isGreaterThanOrEqualTo(2);
  }

  @Test
  void aRefusalOfTheMomentTellsItsReason() throws Exception {
    ensure();
    server.inside.ends = false;
    client.request(RequestedState.STOP, SOON);
    assertThatThrownBy(() -> client.request(RequestedState.RUN, SOON))
        .isInstanceOfSatisfying(
            Refusal.class,
            e -> {
              assertThat(e.isForbidden()).isTrue();
              assertThat(client.failure(e)).hasMessageContaining("Instance is preparing to stop");
            });
  }

  @Test
  void anOlderServerIsToldApart() {
    server.latest = new ApiVersion(1, 0, 0);
    assertFails(
        () -> client.instance(SOON),
        ErrorCode.PROPOLIS_API_VERSION,
        "2.0.0",
        "VMCTL_PROPOLIS_API_VERSION");
  }

  @Test
  void aSpecThatTheServerRejectsIsToldInItsWords() {
    Guest guest = new Guest(ID, "web", 64, 512, Path.of("/dev/zvol/rdsk/a"), null, null, "host-a");
    assertThatThrownBy(() -> client.ensure(InstanceSpec.request(guest, ApiVersion.DEFAULT), SOON))
        .isInstanceOfSatisfying(
            Refusal.class,
            e -> {
              VmException told = client.failure(e);
              assertThat(told.code()).isEqualTo(ErrorCode.PROPOLIS_SPEC_REJECTED);
              assertThat(told).hasMessageContaining("invalid number of processors");
              assertThat(told.help()).isNotEmpty();
            });
    // Only our own document knows that this is too many.
    server.violations.clear();
  }

  @ParameterizedTest
  @CsvSource({"500", "503"})
  void aServerThatFailsIsToldWithItsRequestId(int status) {
    server.next("GET /instance", new Mishap.Status(status));
    assertFails(
        () -> client.instance(SOON), ErrorCode.PROPOLIS_FAILED, String.valueOf(status), "7d0f6b7e");
  }

  @Test
  void aResetIsNoAnswer() throws Exception {
    ensure();
    server.next("PUT /instance/state", new Mishap.Reset());
    assertFails(
        () -> client.request(RequestedState.RUN, SOON),
        ErrorCode.PROPOLIS_FAILED,
        "broke",
        "tried again");
    assertThat(server.inside.runs).isZero();
  }

  @Test
  void silenceHasADeadline() {
    server.next("GET /instance", new Mishap.Late(Duration.ofSeconds(5)));
    assertFails(
        () -> client.instance(Duration.ofMillis(200)),
        ErrorCode.PROPOLIS_TIMEOUT,
        "did not answer GET /instance",
        "asked again");
  }

  @Test
  void nobodyListeningIsToldApartFromSilence() throws IOException {
    InetSocketAddress nobody;
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      nobody = new InetSocketAddress(socket.getInetAddress(), socket.getLocalPort());
    }
    PropolisClient lonely = new PropolisClient(HTTP, nobody, ApiVersion.DEFAULT);
    assertFails(
        () -> lonely.instance(SOON), ErrorCode.PROPOLIS_UNREACHABLE, "nothing listens", "zone");
  }

  @ParameterizedTest
  @CsvSource(
      delimiter = '|',
      value = {
        "<html>hello</html>",
        "{\"instance\":{\"properties\":{\"id\":\"x\"},\"state\":\"Running\"}}",
        "{\"instance\":{\"properties\":{\"id\":\"6f2c1d34-0b1a-4c3e-9a55-2f7f1f0a9b01\"},\"state\":\"Dreaming\"}}",
        "{}"
      })
  void nonsenseIsNoState(String nonsense) {
    server.next("GET /instance", new Mishap.Nonsense(nonsense));
    assertFails(
        () -> client.instance(SOON),
        ErrorCode.PROPOLIS_UNKNOWN_ANSWER,
        "is no propolis-server",
        "newer");
  }

  @Test
  @Fault(area = Area.BACKENDS, value = "propolis-server is newer, and says what we do not know")
  void aStateThatWeDoNotKnowIsNoState(Seen seen) {
    server.next(
        "GET /instance",
        new Mishap.Nonsense(
            "{\"instance\":{\"properties\":{\"id\":\"6f2c1d34-0b1a-4c3e-9a55-2f7f1f0a9b01\"},\"state\":\"Dreaming\"}}"));
    assertThatThrownBy(() -> client.instance(SOON))
        .isInstanceOfSatisfying(
            VmException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.PROPOLIS_UNKNOWN_ANSWER);
              seen.failed(e);
            });
  }

  private static void assertFails(
      ThrowingCallable call, ErrorCode code, String message, String help) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            VmException.class,
            e -> {
              assertThat(e.code()).isEqualTo(code);
              assertThat(e).hasMessageContaining(message);
              assertThat(e.help()).contains(help);
            });
  }
}
