package dev.vmctl.hypervisor.propolis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.vmctl.host.LinuxHostFacts;
import dev.vmctl.host.fake.FakeDladm;
import dev.vmctl.host.fake.FakeZones;
import dev.vmctl.hypervisor.ConsoleEndpoint;
import dev.vmctl.hypervisor.Launch;
import dev.vmctl.hypervisor.Observation;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.hypervisor.propolis.PropolisSettings.SeedWay;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.ExitReason;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmName;
import dev.vmctl.network.GuestAddresses;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import org.junit.jupiter.api.Test;

/** VMs in zones: started, seen, found and taken over. */
class PropolisHypervisorTest extends PropolisFixture {
  @Test
  void aVmIsStartedSeenAndStoppedAndNothingIsLeft() throws Exception {
    assertThat(hypervisor.observe(web)).isEqualTo(ABSENT);

    LaunchFacts facts = hypervisor.start(launch());

    assertThat(hypervisor.observe(web)).isEqualTo(new Observation.Running(facts.pid()));
    assertThat(hypervisor.peek(web, SOON)).isEqualTo(new Observation.Running(facts.pid()));
    assertThat(facts.vnc()).startsWith("ws://127.").endsWith(":12400/instance/vnc");
    assertThat(hypervisor.console(web))
        .isInstanceOfSatisfying(
            ConsoleEndpoint.WebSocket.class,
            console -> {
              assertThat(console.uri()).hasPath("/instance/serial").hasQuery("most_recent=16384");
              assertThat(console.headers()).containsEntry("api-version", "2.0.0");
            });
    FakeZones.Zone zone = Objects.requireNonNull(illumos.zone("web"));
    assertThat(zone.attribute("vmctl-owner")).isEqualTo(web.uuid().toString());
    assertThat(zone.properties)
        .containsEntry("brand", "vmctl")
        .containsEntry("ip-type", "exclusive");
    assertThat(zone.resources)
        .anySatisfy(each -> assertThat(each).containsEntry("match", "/dev/vmm/*"))
        .anySatisfy(
            each -> assertThat(each).containsEntry("match", "/dev/zvol/rdsk/rpool/vmctl/web"));
    String vnic = "vmg" + web.shortId() + "_0";
    assertThat(illumos.host.dladm.vnics.get(vnic))
        .isEqualTo(new FakeDladm.Link("net0", MAC.value()));
    assertThat(components().at("/net0-backend/component/vnic_name").asText()).isEqualTo(vnic);
    assertThat(components().at("/seed-backend/type").asText()).isEqualTo("blob_storage_backend");

    hypervisor.stop(web, Duration.ofSeconds(10)).get(60, TimeUnit.SECONDS);

    assertThat(illumos.inside("web").stops).isZero();
    assertNothingIsLeft();
  }

  @Test
  void aGuestIsFoundByItsMacAddressAlone() {
    hypervisor.start(launch());
    assertThat(hypervisor.ssh(web)).contains(new InetSocketAddress("192.168.7.22", 22));
    hypervisor.kill(web);
    hypervisor.start(launch(web, values -> values.put(VmFields.NETWORK, new NetworkSpec.None())));
    assertThat(hypervisor.ssh(web)).isEmpty();
  }

  @Test
  void eachEndOfAGuestIsToldApart() {
    hypervisor.start(launch());
    illumos.inside("web").powerOff();
    assertThat(hypervisor.observe(web))
        .isEqualTo(new Observation.Exited(ExitReason.GUEST_SHUTDOWN));
    hypervisor.reap(web);
    assertNothingIsLeft();

    hypervisor.start(launch());
    illumos.inside("web").fail();
    assertThat(hypervisor.observe(web)).isEqualTo(new Observation.Exited(ExitReason.CRASH));
    hypervisor.reap(web);

    hypervisor.start(launch());
    illumos.killServer("web");
    assertThat(hypervisor.observe(web)).isEqualTo(new Observation.Exited(ExitReason.CRASH));
    hypervisor.reap(web);

    LaunchFacts facts = hypervisor.start(launch());
    illumos.endServer("web");
    assertThat(hypervisor.observe(web)).isEqualTo(new Observation.Exited(ExitReason.CRASH));
    LaunchFacts earlier =
        new LaunchFacts(
            "", "", null, "", 1, 1024, null, facts.vnc(), facts.pid(), 0, "another boot");
    VmHandle afterBoot =
        new VmHandle(web.name(), web.uuid(), web.directory(), web.runDirectory(), earlier);
    assertThat(hypervisor.observe(afterBoot)).isEqualTo(new Observation.Exited(ExitReason.STOPPED));
    hypervisor.reap(web);
    assertNothingIsLeft();
  }

  @Test
  void aLargeSeedGoesIntoAFileThatOnlyItsZoneSees() throws IOException {
    Launch launch = launch();
    Files.write(Objects.requireNonNull(launch.seed()), new byte[1 << 20]);
    hypervisor.start(launch);
    assertThat(components().at("/seed-backend/component/path").asText())
        .isEqualTo("/vmctl/seed.iso");
    assertThat(web.runFile("seed").resolve("seed.iso")).hasSize(1 << 20);
    hypervisor.kill(web);
    assertThat(web.runFile("seed")).doesNotExist();

    try (PropolisHypervisor strict = illumos.hypervisor(guests, illumos.settings(SeedWay.BLOB))) {
      assertFails(() -> strict.start(launch), ErrorCode.PROPOLIS_SEED_TOO_LARGE, "1048576");
    }
    assertNothingIsLeft();
  }

  @Test
  void anotherEngineFindsWhatRunsAndWhatWasFoundOut() {
    LaunchFacts facts = hypervisor.start(launch());
    hypervisor.close();
    open();
    assertThat(hypervisor.observe(web)).isEqualTo(new Observation.Running(facts.pid()));
    assertThat(hypervisor.recall(web)).contains(facts);
    hypervisor.kill(web);
    assertThat(hypervisor.recall(web)).isEmpty();
  }

  @Test
  void aChangeOfTheGuestWakes() {
    ConcurrentLinkedQueue<VmName> woken = new ConcurrentLinkedQueue<>();
    hypervisor.onWake(woken::add);
    hypervisor.start(launch());
    illumos.inside("web").powerOff();
    await().until(() -> woken.contains(web.name()));
  }

  @Test
  void everyServerHasAnAddressOfItsOwn() {
    VmHandle twin =
        new VmHandle(
            new VmName("twin"),
            new UUID(web.uuid().getLeastSignificantBits(), web.uuid().getMostSignificantBits()),
            directory.resolve("twin"),
            directory.resolve("run"),
            null);
    assertThat(twin.uuid().hashCode()).isEqualTo(web.uuid().hashCode());
    hypervisor.start(launch());
    hypervisor.start(launch(twin, values -> {}));
    assertThat(hypervisor.observe(web)).isInstanceOf(Observation.Running.class);
    assertThat(hypervisor.observe(twin)).isInstanceOf(Observation.Running.class);
    assertThat(List.of("web", "twin"))
        .map(name -> Objects.requireNonNull(illumos.zone(name)).attribute("vmctl-listen"))
        .doesNotHaveDuplicates();
  }

  @Test
  void aHostThatIsNoIllumosSaysSo() {
    try (PropolisHypervisor here =
        new PropolisHypervisor(
            illumos.host,
            LinuxHostFacts.ofThisProcess(),
            illumos.settings(SeedWay.AUTO),
            GuestAddresses.ofArp(illumos.host, InstantSource.system()),
            guests)) {
      assertFails(here::checkAvailable, ErrorCode.BACKEND_NOT_AVAILABLE, "illumos", "zoneadm");
      assertThat(here.observe(web)).isEqualTo(ABSENT);
    }
    hypervisor.checkAvailable();
  }

  @Test
  void anInstallationWithoutAServerSaysWhatIsMissing() throws IOException {
    Files.delete(directory.resolve("propolis/propolis-server"));
    assertFails(hypervisor::checkAvailable, ErrorCode.BACKEND_NOT_AVAILABLE, "propolis-server");
  }

  @Test
  void aGuestIsNeverFrozen() {
    assertFails(
        () -> hypervisor.suspend(web),
        ErrorCode.CAPABILITY_MISSING,
        "suspend is not supported by propolis");
  }
}
