package dev.vmctl.hypervisor.propolis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.vmctl.hypervisor.Observation;
import dev.vmctl.hypervisor.propolis.FakePropolisServer.Mishap;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** How a guest ends that is to: asked first, then hard, and nothing of it is left. */
class PropolisStopTest extends PropolisFixture {
  @Test
  void aGuestThatCannotBeAskedIsStoppedHard() throws Exception {
    guests =
        (vm, ssh, within) -> {
          throw new VmException(ErrorCode.SSH_FAILED, "no sshd", "");
        };
    hypervisor.start(launch());
    hypervisor.stop(web, Duration.ofSeconds(10)).get(60, TimeUnit.SECONDS);
    assertThat(illumos.inside("web").stops).isEqualTo(1);
    assertNothingIsLeft();
  }

  @Test
  void aGuestThatThisHostHasNotMetIsStoppedHard() throws Exception {
    illumos.meetsGuests = false;
    hypervisor.start(launch());
    assertFails(
        () -> hypervisor.ssh(web), ErrorCode.IP_DISCOVERY_TIMEOUT, "52:54:00:12:34:56", "web");
    hypervisor.stop(web, Duration.ofSeconds(10)).get(60, TimeUnit.SECONDS);
    assertThat(illumos.inside("web").stops).isEqualTo(1);
    assertNothingIsLeft();
  }

  @Test
  void aGuestThatTakesTooLongIsStoppedHard() throws Exception {
    guests = (vm, ssh, within) -> {};
    hypervisor.start(launch());
    hypervisor.stop(web, Duration.ofMillis(200)).get(60, TimeUnit.SECONDS);
    assertThat(illumos.inside("web").stops).isEqualTo(1);
    assertNothingIsLeft();
  }

  @Test
  void aStopThatIsCancelledAsksForNoMore() {
    CompletableFuture<Void> asked = new CompletableFuture<>();
    guests = (vm, ssh, within) -> asked.complete(null);
    hypervisor.start(launch());
    CompletableFuture<Void> stop = hypervisor.stop(web, Duration.ofMinutes(10));
    await().until(asked::isDone);
    stop.cancel(true);
    assertThat(hypervisor.observe(web)).isInstanceOf(Observation.Running.class);
    assertThat(illumos.inside("web").stops).isZero();
  }

  @Test
  void aServerThatDoesNotAnswerIsEndedWithItsZone() throws Exception {
    hypervisor.start(launch());
    for (int i = 0; i < 5; i++) {
      illumos.server("web").next("GET /instance", new Mishap.Status(500));
    }
    assertThat(hypervisor.observe(web)).isInstanceOf(Observation.Unknown.class);
    hypervisor.stop(web, Duration.ofSeconds(10)).get(60, TimeUnit.SECONDS);
    assertNothingIsLeft();
  }
}
