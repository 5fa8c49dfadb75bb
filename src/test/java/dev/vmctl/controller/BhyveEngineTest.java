package dev.vmctl.controller;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.vmctl.host.fake.FakeBhyve;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.Finding;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;

/** The life of bhyve VMs, by the whole engine, on the fake host. */
class BhyveEngineTest extends BhyveFixture {
  @Test
  void aVmIsMadeAndStartedByExactlyTheseCommands() {
    simulation.up(simulation.vm("web"));
    simulation.untilReady("web");
    String uuid = simulation.record("web").uuid().toString();
    Path devices = directory.resolve("host/zvol");
    String seed = directory.resolve("data/vms/web/seed.iso").toString();
    assertThat(simulation.changes())
        .containsExactly(
            "zfs create -o canmount=off -o mountpoint=none rpool/vmctl/images",
            "zfs create -s -V 1048576 -o dev.vmctl:image=sha256:" + "ab".repeat(32) + " " + IMAGE,
            "zfs snapshot -o dev.vmctl:image=sha256:" + "ab".repeat(32) + " " + SNAPSHOT,
            "zfs create -o canmount=off -o mountpoint=none rpool/vmctl/disks",
            "zfs clone -o dev.vmctl:owner=" + uuid + " " + SNAPSHOT + " " + disk("web"),
            "ifconfig tap create name "
                + tap("web")
                + " description dev.vmctl:owner="
                + uuid
                + " up",
            "ifconfig br0 addm " + tap("web"),
            "/usr/sbin/bhyve -c 1 -m 512M -A -H -P -w -u -U "
                + uuid
                + " -s 0,hostbridge -s 4,virtio-blk,"
                + devices.resolve(disk("web"))
                + " -s 5,virtio-blk,"
                + seed
                + ",ro -s 6,virtio-net,"
                + tap("web")
                + ",mac="
                + simulation.record("web").mac()
                + " -s 7,virtio-rnd -s 29,fbuf,tcp=127.0.0.1:5900 -s 30,xhci,tablet -s 31,lpc -l"
                + " bootrom,"
                + directory.resolve("BHYVE_UEFI.fd")
                + ","
                + directory.resolve("data/vms/web/efivars.fd")
                + " -l com1,/dev/nmdm-web.1A web");
  }

  @Test
  void itIsStoppedByItsPowerButtonAndLeavesNothingButItsDisk() {
    simulation.up(simulation.vm("web"));
    simulation.untilReady("web");
    simulation.changes();
    simulation.vmctl.stop(WEB, Duration.ofSeconds(30));
    simulation.settle();
    assertThat(simulation.changes())
        .containsExactly("kill TERMINATE keeper", "ifconfig " + tap("web") + " destroy");
    assertThat(simulation.host.freebsd.vms).isEmpty();
    assertThat(simulation.disks()).hasSize(1);
    assertThat(simulation.status("web").summary().state()).isEqualTo("stopped");
  }

  @Test
  void aGuestThatDoesNotHearIsUnplugged() {
    simulation.up(simulation.vm("web"));
    simulation.untilReady("web");
    simulation.host.bhyve("web").hearsPowerButton = false;
    simulation.changes();
    simulation.vmctl.stop(WEB, Duration.ofSeconds(10));
    simulation.settle();
    assertThat(simulation.changes())
        .containsExactly(
            "kill TERMINATE keeper",
            "kill TERMINATE keeper",
            "bhyvectl --vm=web --force-poweroff",
            "ifconfig " + tap("web") + " destroy");
    assertThat(simulation.host.running()).isZero();
  }

  @Test
  void aGuestThatRebootsIsNoBusinessOfTheEngine() {
    simulation.up(simulation.vm("web"));
    simulation.untilReady("web");
    FakeBhyve bhyve = simulation.host.bhyve("web");
    bhyve.reboots();
    simulation.settle();
    assertThat(bhyve.runs).isEqualTo(2);
    assertThat(simulation.status("web").restarts()).isZero();
    assertThat(simulation.isReady("web")).isTrue();
  }

  @Test
  void aGuestThatPowersItselfOffStaysOffAndOneThatFaultsComesBack() {
    simulation.up(simulation.vm("web"));
    simulation.untilReady("web");
    simulation.host.bhyve("web").ends(3);
    simulation.untilReady("web");
    assertThat(simulation.status("web").restarts()).isEqualTo(1);
    simulation.host.bhyve("web").ends(1);
    simulation.settle();
    assertThat(simulation.host.running()).isZero();
    assertThat(simulation.taps()).isEmpty();
    assertThat(simulation.status("web").conditions())
        .anySatisfy(condition -> assertThat(condition.reason()).isEqualTo("GuestShutdown"));
    simulation.vmctl.start(WEB);
    simulation.untilReady("web");
  }

  @Test
  void aBhyveThatIsKilledIsHealedOnTheSameDisk() {
    simulation.up(simulation.vm("web"));
    simulation.untilReady("web");
    String disk = disk("web");
    simulation.host.bhyve("web").ends(137);
    simulation.untilReady("web");
    assertThat(disk("web")).isEqualTo(disk);
    assertThat(simulation.status("web").restarts()).isEqualTo(1);
  }

  @Test
  void anEngineThatComesBackAdoptsWhatRunsAlsoWithoutItsKeeper() {
    simulation.up(simulation.vm("web"));
    simulation.untilReady("web");
    simulation.changes();
    simulation.restart();
    simulation.untilReady("web");
    simulation.host.killKeeper("web");
    simulation.restart();
    simulation.untilReady("web");
    assertThat(simulation.changes()).isEmpty();
    simulation.vmctl.stop(WEB, Duration.ofSeconds(10));
    simulation.settle();
    assertThat(simulation.host.running()).isZero();
    assertThat(simulation.host.freebsd.vms).isEmpty();
  }

  @Test
  void aHostThatBootsStartsItsVmsAgain() {
    simulation.up(simulation.vm("web"));
    simulation.untilReady("web");
    simulation.reboot();
    simulation.untilReady("web");
    assertThat(simulation.host.running()).isEqualTo(1);
    assertThat(simulation.status("web").restarts()).isZero();
  }

  @Test
  void aGuestIsReachedAtTheAddressThatItsCardWasMetAt() {
    simulation.host.freebsd.meetsGuests = false;
    simulation.up(simulation.vm("web", values -> values.put(VmFields.SSH_USER, "vm")));
    simulation.settle();
    assertThat(simulation.host.running()).isEqualTo(1);
    assertThat(simulation.isReady("web")).isFalse();
    assertThatThrownBy(() -> simulation.vmctl.ssh(WEB))
        .isInstanceOfSatisfying(
            VmException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.IP_DISCOVERY_TIMEOUT))
        .hasMessageContaining(simulation.record("web").mac() + " on br0");
    simulation.host.freebsd.meetsGuests = true;
    // The look at the neighbours is in a thread of its own, in real time.
    await()
        .atMost(Duration.ofSeconds(30))
        .until(
            () -> {
              simulation.settle();
              return simulation.isReady("web");
            });
    assertThat(simulation.vmctl.ssh(WEB).host()).isEqualTo("192.168.7.20");
  }

  @Test
  void theDoctorTellsOfModulesFirmwareBridgesAndTaps() {
    assertThat(simulation.hypervisors().examine())
        .extracting(each -> each.check() + " " + each.result().text() + " " + each.message())
        .containsExactly(
            "bhyve ok available", "bridges ok br0", "tap devices ok come up when they are opened");
    simulation.host.freebsd.modules.remove("nmdm");
    assertThat(simulation.hypervisors().examine())
        .singleElement()
        .satisfies(
            found -> {
              assertThat(found.result()).isEqualTo(Finding.Result.FAIL);
              assertThat(found.help()).contains("kldload nmdm");
            });
  }
}
