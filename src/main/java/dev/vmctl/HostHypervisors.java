package dev.vmctl;

import dev.vmctl.guest.SshGuests;
import dev.vmctl.host.HostFacts;
import dev.vmctl.host.HostProcesses;
import dev.vmctl.host.NetworkDevices;
import dev.vmctl.host.OperatingSystem;
import dev.vmctl.hypervisor.HypervisorRouter;
import dev.vmctl.hypervisor.bhyve.BhyveHypervisor;
import dev.vmctl.hypervisor.bhyve.BhyveSettings;
import dev.vmctl.hypervisor.noop.NoopHypervisor;
import dev.vmctl.hypervisor.propolis.PropolisHypervisor;
import dev.vmctl.hypervisor.propolis.PropolisSettings;
import dev.vmctl.hypervisor.qemu.QemuHypervisor;
import dev.vmctl.hypervisor.qemu.QemuSettings;
import dev.vmctl.model.BackendTag;
import dev.vmctl.model.VmSpec;
import dev.vmctl.network.GuestAddresses;
import dev.vmctl.network.LinuxTapDevices;
import dev.vmctl.network.NoTapDevices;
import dev.vmctl.network.TapDevices;
import dev.vmctl.store.Applied;
import dev.vmctl.store.VmRecord;
import dev.vmctl.store.VmStore;
import java.nio.file.Path;
import java.time.Clock;
import java.util.List;

/**
 * The hypervisors there are. Each is at hand on every host, so that a VMFile can be planned and
 * checked anywhere; where it cannot run, it says so when it is asked to start a VM.
 */
final class HostHypervisors {
  private HostHypervisors() {}

  /**
   * @param host where what was found out about this host is kept
   */
  static HypervisorRouter of(
      HostProcesses processes,
      HostFacts facts,
      Clock clock,
      Path host,
      SshGuests guests,
      VmStore store) {
    GuestAddresses addresses = GuestAddresses.ofThisHost(processes, System.getenv(), clock);
    return new HypervisorRouter(
        usual(OperatingSystem.current()),
        List.of(
            new NoopHypervisor(),
            new QemuHypervisor(
                processes,
                facts,
                clock,
                taps(facts),
                addresses,
                QemuSettings.standard(host, System.getenv())),
            new PropolisHypervisor(
                processes,
                facts,
                PropolisSettings.of(facts.hostName(), System.getenv()),
                addresses,
                new SshShutdown(guests, name -> store.read(name).map(HostHypervisors::running))),
            new BhyveHypervisor(
                processes,
                facts,
                BhyveSettings.standard(),
                addresses,
                task -> Thread.ofVirtual().name("bhyve-stop").start(task))));
  }

  /** What runs the VMs that declare no backend. */
  static BackendTag usual(OperatingSystem system) {
    return switch (system) {
      case LINUX -> BackendTag.QEMU;
      case FREEBSD -> BackendTag.BHYVE;
      case ILLUMOS -> BackendTag.PROPOLIS;
    };
  }

  private static TapDevices taps(HostFacts facts) {
    return OperatingSystem.current() == OperatingSystem.LINUX
        ? new LinuxTapDevices(new NetworkDevices(), facts)
        : new NoTapDevices();
  }

  private static VmSpec running(VmRecord record) {
    Applied applied = record.applied();
    return applied == null ? record.desired().spec() : applied.spec();
  }
}
