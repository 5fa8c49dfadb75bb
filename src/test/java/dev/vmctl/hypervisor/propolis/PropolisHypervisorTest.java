package dev.vmctl.hypervisor.propolis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import dev.vmctl.host.LinuxHostFacts;
import dev.vmctl.host.ToolResult;
import dev.vmctl.host.fake.FakeDladm;
import dev.vmctl.host.fake.FakeZones;
import dev.vmctl.host.fake.HostCrash;
import dev.vmctl.hypervisor.ConsoleEndpoint;
import dev.vmctl.hypervisor.Launch;
import dev.vmctl.hypervisor.Observation;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.hypervisor.propolis.FakePropolisServer.Mishap;
import dev.vmctl.hypervisor.propolis.PropolisSettings.SeedWay;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.ExitReason;
import dev.vmctl.model.FieldValues;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.MacAddress;
import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import dev.vmctl.network.GuestAddresses;
import java.io.IOException;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.InstantSource;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ConcurrentLinkedQueue;
import java.util.concurrent.TimeUnit;
import java.util.function.Consumer;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

@Timeout(120)
class PropolisHypervisorTest {
  private static final MacAddress MAC = new MacAddress("52:54:00:12:34:56");
  private static final Duration SOON = Duration.ofSeconds(20);
  private static final Observation ABSENT = new Observation.Absent();

  @TempDir Path directory;
  private FakeIllumos illumos;
  private PropolisHypervisor hypervisor;
  private VmHandle web;

  /** What becomes of a guest that is asked to shut down. */
  private GuestShutdown guests = (vm, ssh, within) -> illumos.inside(vm.name().value()).powerOff();

  @BeforeEach
  void start() {
    illumos = new FakeIllumos(directory);
    hypervisor = illumos.hypervisor((vm, ssh, within) -> guests.ask(vm, ssh, within));
    web = illumos.handle("web");
  }

  @AfterEach
  void everythingWentByTheRules() {
    hypervisor.close();
    illumos.close();
    assertThat(illumos.violations()).isEmpty();
  }

  private Launch launch(VmHandle vm, Consumer<FieldValues> fields) {
    FieldValues values = new FieldValues();
    fields.accept(values);
    try {
      Path seed = directory.resolve("seed.iso");
      Files.write(seed, new byte[2048]);
      return new Launch(
          vm,
          VmSpec.of(vm.name(), values),
          MAC,
          null,
          Path.of("/dev/zvol/rdsk/rpool/vmctl/" + vm.name()),
          List.of(),
          seed);
    } catch (IOException e) {
      throw new AssertionError(e);
    }
  }

  private Launch launch() {
    return launch(web, values -> {});
  }

  private JsonNode components() {
    return Objects.requireNonNull(illumos.inside("web").ensured).at("/init/value/spec/components");
  }

  private void assertNothingIsLeft() {
    assertThat(illumos.host.zones.zones).isEmpty();
    assertThat(illumos.host.dladm.vnics).isEmpty();
    assertThat(hypervisor.observe(web)).isEqualTo(ABSENT);
  }

  private static VmException assertFails(ThrowingCallable call, ErrorCode code, String... words) {
    VmException failure = Objects.requireNonNull(catchThrowableOfType(VmException.class, call));
    assertThat(failure.code()).as(failure.getMessage()).isEqualTo(code);
    assertThat(failure.getMessage()).contains(words);
    assertThat(failure.help()).isNotEmpty();
    return failure;
  }

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
  void aGuestIsFoundByItsMacAddressAlone() {
    hypervisor.start(launch());
    assertThat(hypervisor.ssh(web)).contains(new InetSocketAddress("192.168.7.22", 22));
    hypervisor.kill(web);
    hypervisor.start(launch(web, values -> values.put(VmFields.NETWORK, new NetworkSpec.None())));
    assertThat(hypervisor.ssh(web)).isEmpty();
  }

  @Test
  void namesThatIllumosCannotTakeAreRefusedBeforeAnythingIsMade() {
    Launch launch =
        launch(web, values -> values.put(VmFields.NETWORK, new NetworkSpec.Vnic("web-nic")));
    assertFails(
        () -> hypervisor.checkDeclared(launch.spec(), null),
        ErrorCode.VMFILE_VALIDATION,
        "web-nic");
    Launch global = launch(illumos.handle("global"), values -> {});
    assertFails(
        () -> hypervisor.checkDeclared(global.spec(), null), ErrorCode.VM_NAME_INVALID, "global");
    hypervisor.checkDeclared(launch().spec(), null);
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
  void whatTheServerSaysOfAnotherVmIsUnknown() {
    hypervisor.start(launch());
    illumos
        .server("web")
        .next(
            "GET /instance",
            new Mishap.Nonsense(
                "{\"instance\":{\"properties\":{\"id\":\""
                    + UUID.randomUUID()
                    + "\"},\"state\":\"Running\"}}"));
    assertThat(hypervisor.observe(web))
        .isInstanceOfSatisfying(
            Observation.Unknown.class, unknown -> assertThat(unknown.why()).contains("another VM"));
  }

  @Test
  @Fault(area = Area.BACKENDS, value = "a zone that is not ours has the VM's name")
  void aZoneOfTheVmsNameThatIsNotOursIsNeverTouched(Seen seen) {
    FakeZones.Zone theirs = illumos.host.zones.add("web", "running", "/zones/web");
    assertThat(hypervisor.observe(web)).isEqualTo(ABSENT);
    seen.failed(assertFails(() -> hypervisor.start(launch()), ErrorCode.ZONE_FOREIGN, "web"));
    hypervisor.kill(web);
    hypervisor.reap(web);
    assertThat(illumos.host.zones.zones).containsOnlyKeys("web");
    assertThat(theirs.state).isEqualTo("running");
    assertThat(illumos.host.dladm.vnics).isEmpty();
  }

  @Test
  @Fault(area = Area.BACKENDS, value = "a VNIC has the name of a VM's already")
  void aVnicOfAnotherIsNeverTaken(Seen seen) {
    FakeDladm.Link theirs = new FakeDladm.Link("net0", "2:8:20:0:0:1");
    illumos.host.dladm.vnics.put("vnic7", theirs);
    Launch launch =
        launch(web, values -> values.put(VmFields.NETWORK, new NetworkSpec.Vnic("vnic7")));
    seen.failed(assertFails(() -> hypervisor.start(launch), ErrorCode.VNIC_TAKEN, "vnic7"));
    assertThat(illumos.host.dladm.vnics).containsOnlyKeys("vnic7").containsValue(theirs);
    assertThat(illumos.host.zones.zones).isEmpty();
  }

  @Test
  @Fault(area = Area.BACKENDS, value = "a zone of ours is in a state that we never bring about")
  void aZoneOfOursInAForeignStateIsToldAndLeft(Seen seen) {
    hypervisor.start(launch());
    Objects.requireNonNull(illumos.zone("web")).state = "mounted";
    seen.failed(assertFails(() -> hypervisor.kill(web), ErrorCode.ZONE_STATE, "mounted"));
    assertThat(illumos.zone("web")).isNotNull();
    Objects.requireNonNull(illumos.zone("web")).state = "running";
    hypervisor.kill(web);
    assertNothingIsLeft();
  }

  @Test
  @Fault(area = Area.BACKENDS, value = "a command of illumos fails")
  void aFailedCommandIsToldWithItsWords(Seen seen) {
    illumos.host.failures.put(
        "zoneadm -z web boot", new ToolResult(1, "", "zoneadm: zone 'web': no memory\n"));
    seen.failed(
        assertFails(
            () -> hypervisor.start(launch()), ErrorCode.HOST_COMMAND_FAILED, "no memory", "boot"));
    assertNothingIsLeft();
  }

  @Test
  @Fault(area = Area.BACKENDS, value = "propolis-server rejects what a VM is to be")
  void aSpecThatTheServerRejectsLeavesNothing(Seen seen) {
    Launch launch = launch(web, values -> values.put(VmFields.VCPUS, 33));
    seen.failed(
        assertFails(
            () -> hypervisor.start(launch), ErrorCode.PROPOLIS_SPEC_REJECTED, "processors"));
    assertNothingIsLeft();
    illumos.server("web").violations.clear(); // Our own document knows the limit too.
  }

  @Test
  void anInstanceThatFailsToStartLeavesNothing() {
    illumos.onServer = server -> server.inside.failsToStart = true;
    assertFails(() -> hypervisor.start(launch()), ErrorCode.PROPOLIS_FAILED, "web");
    assertNothingIsLeft();
  }

  @Test
  @Fault(area = Area.BACKENDS, value = "propolis-server is older than the API that is spoken")
  void aServerThatIsTooOldIsTold(Seen seen) {
    illumos.onServer = server -> server.latest = new ApiVersion(1, 0, 0);
    seen.failed(
        assertFails(() -> hypervisor.start(launch()), ErrorCode.PROPOLIS_API_VERSION, "2.0.0"));
    assertNothingIsLeft();
  }

  @Test
  void aServerThatNeverListensIsTold() {
    illumos.startsServers = false;
    PropolisSettings usual = illumos.settings(SeedWay.AUTO);
    try (PropolisHypervisor impatient =
        illumos.hypervisor(
            guests,
            new PropolisSettings(
                usual.host(),
                usual.apiVersion(),
                usual.seed(),
                usual.home(),
                usual.bootRom(),
                usual.brand(),
                usual.zones(),
                usual.controlLink(),
                usual.control(),
                usual.port(),
                usual.guestLink(),
                usual.answer(),
                Duration.ofMillis(300),
                usual.end()))) {
      assertFails(
          () -> impatient.start(launch()), ErrorCode.PROPOLIS_UNREACHABLE, "nothing listens");
    }
    assertNothingIsLeft();
  }

  @ParameterizedTest
  @ValueSource(strings = {"PUT /instance", "PUT /instance/state"})
  void aFailureInTheMiddleOfAStartLeavesNothing(String request) {
    illumos.onServer = server -> server.next(request, new Mishap.Status(500));
    assertFails(() -> hypervisor.start(launch()), ErrorCode.PROPOLIS_FAILED, "500");
    assertNothingIsLeft();
    illumos.onServer = server -> {};
    hypervisor.start(launch());
  }

  @Test
  void anInstanceWhoseAnswerWasLostIsNotMadeTwice() {
    illumos.onServer = server -> server.next("PUT /instance", new Mishap.LostAnswer());
    hypervisor.start(launch());
    assertThat(illumos.inside("web").ensures).isEqualTo(1);
    assertThat(hypervisor.observe(web)).isInstanceOf(Observation.Running.class);
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
    hypervisor = illumos.hypervisor((vm, ssh, within) -> guests.ask(vm, ssh, within));
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
  void aCrashAtEveryCommandLeavesWhatTheNextRunRepairs() {
    illumos.host.crashAt(Integer.MAX_VALUE, false);
    hypervisor.start(launch());
    int steps = illumos.host.calm();
    hypervisor.kill(web);
    assertThat(steps).isGreaterThan(8);
    for (int step = 0; step < steps; step++) {
      for (boolean after : new boolean[] {false, true}) {
        crashAt(step, after);
      }
    }
  }

  private void crashAt(int step, boolean after) {
    illumos.host.crashAt(step, after);
    assertThatThrownBy(() -> hypervisor.start(launch())).isInstanceOf(HostCrash.class);
    illumos.host.revive();
    hypervisor.close();
    hypervisor = illumos.hypervisor((vm, ssh, within) -> guests.ask(vm, ssh, within));
    Observation seen = hypervisor.observe(web);
    if (seen instanceof Observation.Exited) {
      hypervisor.reap(web);
    } else {
      // By what is not seen nothing may be left over.
      assertThat(seen).as("step " + step + ", after " + after).isEqualTo(ABSENT);
    }
    assertNothingIsLeft();
  }

  @Test
  void aCrashAtEveryCommandOfAnEndLeavesWhatTheNextRunClearsAway() {
    hypervisor.start(launch());
    illumos.host.crashAt(Integer.MAX_VALUE, false);
    hypervisor.kill(web);
    int steps = illumos.host.calm();
    for (int step = 0; step < steps; step++) {
      hypervisor.start(launch());
      illumos.host.crashAt(step, step % 2 == 0);
      assertThatThrownBy(() -> hypervisor.kill(web)).isInstanceOf(HostCrash.class);
      illumos.host.revive();
      hypervisor.kill(web);
      assertNothingIsLeft();
    }
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
