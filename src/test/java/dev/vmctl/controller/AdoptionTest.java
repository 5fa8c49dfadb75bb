package dev.vmctl.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.api.AdoptRequest;
import dev.vmctl.api.AdoptView;
import dev.vmctl.api.ReleaseView;
import dev.vmctl.api.VmStatus;
import dev.vmctl.hypervisor.FoundDisk;
import dev.vmctl.hypervisor.FoundMachine;
import dev.vmctl.model.Accel;
import dev.vmctl.model.AdoptedProcess;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.MacAddress;
import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.ProvisionStep;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmName;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.UUID;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What the loop does with machines that others have made. */
class AdoptionTest {
  private static final UUID UUID_OF_IT = new UUID(7, 8);
  private static final Path QMP = Path.of("/run/web.qmp");
  private static final Path DISK = Path.of("/srv/web.qcow2");
  private static final VmName WEB = new VmName("web");

  @TempDir Path directory;
  private Simulation simulation;

  @BeforeEach
  void aMachineRuns() {
    simulation = new Simulation(directory, 1);
    simulation.engine.start();
    FoundMachine found = found(false);
    simulation.world.hypervisor.found = found;
    simulation.world.hypervisor.processes.put(
        UUID_OF_IT, new FakeProcess(WEB, found.facts(), DISK));
  }

  private static FoundMachine found(boolean frozen) {
    return new FoundMachine(
        new LaunchFacts(
            "pc-q35-7.2",
            "max",
            Accel.TCG,
            "as it was",
            2,
            512,
            2222,
            null,
            4711,
            99,
            "boot",
            List.of(),
            List.of(),
            null,
            new AdoptedProcess(UUID_OF_IT.toString(), QMP, null, null)),
        frozen,
        new MacAddress("52:54:00:01:02:03"),
        new NetworkSpec.User(),
        List.of(),
        new FoundDisk(DISK, "qcow2", 10L << 30, Path.of("/srv/base.qcow2")),
        List.of(),
        null,
        null,
        null,
        null,
        null,
        List.of("its read-only medium /srv/tools.iso"));
  }

  private AdoptView adopt() {
    AdoptView view =
        simulation
            .vmctl
            .adopt(new AdoptRequest(List.of("web"), QMP, null, null, null, false))
            .getFirst();
    assertThat(view.failure()).isNull();
    simulation.timeline.pass(Duration.ofSeconds(5));
    return view;
  }

  private FakeProcess process() {
    return Objects.requireNonNull(simulation.world.hypervisor.processes.get(UUID_OF_IT));
  }

  @Test
  void itRunsOnWithWhatItHasAndSaysWhatItHasNot() {
    FakeProcess before = process();

    AdoptView view = adopt();

    assertThat(view.notes())
        .contains("its next start is without its read-only medium /srv/tools.iso");
    assertThat(process()).isSameAs(before);
    VmStatus status = simulation.status("web");
    assertThat(status.uuid()).isEqualTo(UUID_OF_IT.toString());
    assertThat(status.mac()).isEqualTo("52:54:00:01:02:03");
    assertThat(status.summary().ready()).isTrue();
    assertThat(status.settled()).isTrue();
    assertThat(status.conditions())
        .filteredOn(each -> each.type().equals("Adopted"))
        .singleElement()
        .satisfies(each -> assertThat(each.message()).contains("no console", "no guest agent"));
    assertThat(simulation.world.disks.linked.get(directory.resolve("vms/web")))
        .containsEntry("overlay.qcow2", DISK);
  }

  @Test
  void afterItsEndItIsOursOnTheSameDisk() {
    adopt();
    UUID disk = simulation.disk("web");

    simulation.world.kill(UUID_OF_IT);
    simulation.timeline.pass(Duration.ofSeconds(30));

    LaunchFacts facts = process().facts;
    assertThat(facts.adopted()).isNull();
    assertThat(facts.pid()).isNotEqualTo(4711);
    assertThat(simulation.disk("web")).isEqualTo(disk);
    assertThat(simulation.status("web").conditions())
        .noneMatch(each -> each.type().equals("Adopted"));
    assertThat(simulation.world.violations).isEmpty();
    assertThat(simulation.world.disks.trash).isEmpty();
  }

  @Test
  void whoDeclaresItFirstTellsWhatItsDiskWasMadeOf() {
    adopt();
    FakeProcess before = process();

    simulation.up(
        Simulation.vm(
            "web",
            values -> {
              values.put(VmFields.VCPUS, 2);
              values.put(VmFields.MEMORY, 512L);
              values.put(VmFields.DISK, 10L << 30);
              values.put(VmFields.PROVISION, List.of(new ProvisionStep.Inline("true")));
            }));
    simulation.timeline.pass(Duration.ofMinutes(1));

    assertThat(process()).isSameAs(before);
    assertThat(simulation.world.guests.provisioned).isEmpty();
    assertThat(simulation.world.disks.trash).isEmpty();
    assertThat(simulation.isReady("web")).isTrue();

    simulation.world.images.present.add("/images/other.qcow2");
    simulation.up(
        Simulation.vm(
            "web",
            values -> {
              values.put(VmFields.IMAGE, Path.of("/images/other.qcow2"));
              values.put(VmFields.VCPUS, 2);
              values.put(VmFields.MEMORY, 512L);
            }));
    simulation.timeline.pass(Duration.ofMinutes(2));
    assertThat(simulation.world.disks.trash).as("another image now means a new disk").hasSize(1);
  }

  @Test
  void moreMemoryWaitsForARestartThoughOursCouldBeGivenIt() {
    adopt();
    simulation.up(
        Simulation.vm(
            "web",
            values -> {
              values.put(VmFields.VCPUS, 2);
              values.put(VmFields.MEMORY, 1024L);
            }));
    simulation.timeline.pass(Duration.ofMinutes(1));
    assertThat(simulation.world.hypervisor.adjusted).isZero();
    assertThat(process().facts.adopted()).as("restarted").isNull();
    assertThat(process().facts.memoryMb()).isEqualTo(1024);
  }

  @Test
  void aFrozenOneStaysFrozen() {
    simulation.world.hypervisor.found = found(true);
    process().frozen = true;
    adopt();
    assertThat(process().frozen).isTrue();
    simulation.vmctl.resume(WEB);
    simulation.timeline.pass(Duration.ofSeconds(5));
    assertThat(process().frozen).isFalse();
  }

  @Test
  void aMachineIsAdoptedOnce() {
    adopt();
    AdoptView again =
        simulation
            .vmctl
            .adopt(new AdoptRequest(List.of("other"), QMP, null, null, null, false))
            .getFirst();
    assertThat(Objects.requireNonNull(again.failure()).message())
        .contains("it is the VM 'web' of vmctl already");
    assertThat(simulation.exists("other")).isFalse();
  }

  @Test
  void aDryRunChangesNothing() {
    AdoptView view =
        simulation
            .vmctl
            .adopt(new AdoptRequest(List.of("web"), QMP, null, null, null, true))
            .getFirst();
    assertThat(view.adopted()).isFalse();
    assertThat(Objects.requireNonNull(view.spec()).image()).isEqualTo(Path.of("/srv/base.qcow2"));
    assertThat(simulation.exists("web")).isFalse();
    assertThat(simulation.world.disks.linked).isEmpty();
  }

  @Test
  void aReleasedOneRunsOnUnsupervisedAndIsTakenBackAsItWas() {
    adopt();
    ReleaseView released = simulation.vmctl.release(WEB);
    simulation.timeline.pass(Duration.ofSeconds(5));

    assertThat(released.files())
        .containsExactly(directory.resolve("vms/web").toString(), DISK.toString());
    assertThat(simulation.exists("web")).isFalse();
    assertThat(simulation.world.hypervisor.letGo).containsExactly(WEB);
    FakeProcess runs = process();
    assertThat(simulation.world.disks.trash).isEmpty();

    simulation.vmctl.adopt(new AdoptRequest(List.of("web"), null, null, null, null, false));
    simulation.timeline.pass(Duration.ofSeconds(5));
    assertThat(process()).isSameAs(runs);
    assertThat(simulation.isReady("web")).isTrue();
    assertThat(simulation.events()).containsSubsequence("Adopted", "Released", "Adopted");

    simulation.vmctl.release(WEB);
    simulation.timeline.pass(Duration.ofSeconds(5));
    simulation.world.kill(UUID_OF_IT);
    simulation.timeline.pass(Duration.ofMinutes(5));
    assertThat(simulation.world.hypervisor.processes).as("nobody heals it").isEmpty();
  }

  @Test
  void oneThatDoesNotAnswerIsNotReleased() {
    adopt();
    simulation.world.hypervisor.silent = true;
    simulation.engine.resync();
    simulation.timeline.pass(Duration.ofSeconds(5));
    assertThatThrownBy(() -> simulation.vmctl.release(WEB))
        .isInstanceOfSatisfying(
            VmException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.VM_INVALID_STATE));
    assertThat(simulation.exists("web")).isTrue();
  }

  @Test
  void anEngineThatWasKilledWhileItReleasesDoesItAfterwards() {
    adopt();
    simulation.world.fault =
        call -> {
          if (call.equals("letGo")) {
            throw new VmException(ErrorCode.QMP_TIMEOUT, "cut off", "");
          }
        };
    simulation.vmctl.release(WEB);
    simulation.timeline.pass(Duration.ofSeconds(1));
    assertThat(simulation.exists("web")).isTrue();
    simulation.world.fault = call -> {};
    simulation.restart();
    simulation.timeline.pass(Duration.ofSeconds(30));
    assertThat(simulation.exists("web")).isFalse();
    assertThat(process().facts.pid()).isEqualTo(4711);
  }
}
