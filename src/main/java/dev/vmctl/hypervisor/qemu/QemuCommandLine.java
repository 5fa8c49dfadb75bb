package dev.vmctl.hypervisor.qemu;

import static dev.vmctl.hypervisor.qemu.QemuOption.json;
import static dev.vmctl.hypervisor.qemu.QemuOption.keyed;
import static dev.vmctl.hypervisor.qemu.QemuOption.map;

import dev.vmctl.hypervisor.VmHandle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Writes QEMU's command line. Pure: the same machine gives the same words. */
final class QemuCommandLine {
  private static final String SANDBOX =
      "on,obsolete=deny,elevateprivileges=deny,spawn=deny,resourcecontrol=deny";

  private final List<String> words = new ArrayList<>();
  private final VmHandle vm;
  private final QemuFiles files;
  private final QemuMachine machine;

  private QemuCommandLine(VmHandle vm, QemuMachine machine) {
    this.vm = vm;
    this.files = new QemuFiles(vm);
    this.machine = machine;
  }

  /** The program and its arguments. */
  static List<String> of(QemuBinary binary, VmHandle vm, QemuMachine machine) {
    QemuCommandLine line = new QemuCommandLine(vm, machine);
    line.words.add(binary.path().toString());
    line.identity(binary);
    line.board();
    line.control();
    line.console();
    line.disks();
    line.network();
    line.guestServices();
    return List.copyOf(line.words);
  }

  private void identity(QemuBinary binary) {
    words.add("-nodefaults");
    words.add("-no-user-config");
    option("-name", keyed("guest=" + vm.name(), "debug-threads", "on"));
    option("-uuid", vm.uuid().toString());
    option("-pidfile", files.pidFile().toString());
    if (binary.sandbox()) {
      option("-sandbox", SANDBOX);
    }
    // So that why a guest ended can be asked of QEMU afterwards.
    option("-action", "shutdown=pause,panic=pause");
  }

  private void board() {
    StringBuilder type = new StringBuilder(machine.type());
    type.append(",accel=").append(machine.accel().text());
    type.append(",usb=off,vmport=off,dump-guest-core=off");
    UefiFirmware firmware = machine.firmware();
    if (firmware != null) {
      type.append(",pflash0=uefi-code,pflash1=uefi-variables");
      blockdev("raw", "uefi-code", firmware.code(), true);
      blockdev("raw", "uefi-variables", firmware.variables(), false);
    }
    option("-machine", type.toString());
    option("-cpu", machine.cpu());
    option("-smp", "cpus=" + machine.vcpus());
    option("-m", "size=" + machine.memoryMb() + "M");
    option("-rtc", "base=utc");
    QemuMachine.DirectBoot boot = machine.boot();
    if (boot != null) {
      option("-kernel", boot.kernel().toString());
      if (boot.initrd() != null) {
        option("-initrd", boot.initrd().toString());
      }
      if (!boot.commandLine().isEmpty()) {
        option("-append", boot.commandLine());
      }
    }
  }

  private void control() {
    monitor("qmp-engine", files.engineSocket());
    monitor("qmp-read", files.readSocket());
    monitor("qmp-people", files.peopleSocket());
  }

  private void monitor(String id, Path socket) {
    chardev(id, socket);
    option("-mon", "chardev=" + id + ",mode=control");
  }

  private void console() {
    option(
        "-chardev",
        keyed(
            "socket",
            "id",
            "serial0",
            "path",
            files.serialSocket(),
            "server",
            "on",
            "wait",
            "off",
            "logfile",
            files.consoleLog(),
            "logappend",
            "on"));
    device("driver", "isa-serial", "chardev", "serial0");
    device("driver", "VGA", "id", "screen");
    option("-display", "none");
    // The first free display from 0 on; which one is asked of QEMU.
    option("-vnc", "127.0.0.1:0,to=999");
  }

  private void disks() {
    Path disk = machine.disk();
    if (disk != null) {
      option(
          "-blockdev",
          json(
              "driver", "qcow2",
              "node-name", "root",
              "discard", "unmap",
              "file",
                  map(
                      "driver", "file",
                      "filename", disk.toString(),
                      "discard", "unmap",
                      "locking", "on")));
      if (machine.boot() == null) {
        device("driver", "virtio-blk-pci", "id", "disk0", "drive", "root", "bootindex", 0);
      } else {
        // A kernel given directly takes the first place in the boot order itself.
        device("driver", "virtio-blk-pci", "id", "disk0", "drive", "root");
      }
    }
    Path seed = machine.seed();
    if (seed != null) {
      blockdev("raw", "seed", seed, true);
      // No CD-ROM: cloud kernels have no AHCI driver.
      device("driver", "virtio-blk-pci", "id", "seed0", "drive", "seed");
    }
  }

  private void network() {
    switch (machine.network()) {
      case QemuNetwork.User user ->
          card(keyed("user", "id", "net0", "hostfwd", "tcp:127.0.0.1:" + user.sshPort() + "-:22"));
      case QemuNetwork.Tap tap ->
          card(
              keyed(
                  "tap", "id", "net0", "ifname", tap.device(), "script", "no", "downscript", "no"));
      case QemuNetwork.None none -> {
        // No card at all: -nodefaults adds none.
      }
    }
  }

  private void card(String netdev) {
    option("-netdev", netdev);
    // Without its boot ROM: nothing here boots from the network.
    device(
        "driver", "virtio-net-pci",
        "id", "nic0",
        "netdev", "net0",
        "mac", machine.mac().value(),
        "romfile", "");
  }

  private void guestServices() {
    option("-object", json("qom-type", "rng-builtin", "id", "rng0"));
    device("driver", "virtio-rng-pci", "rng", "rng0");
    device("driver", "pvpanic-pci");
    chardev("agent0", files.agentSocket());
    device("driver", "virtio-serial-pci", "id", "ports0");
    device(
        "driver", "virtserialport",
        "bus", "ports0.0",
        "chardev", "agent0",
        "name", "org.qemu.guest_agent.0");
  }

  private void chardev(String id, Path socket) {
    option("-chardev", keyed("socket", "id", id, "path", socket, "server", "on", "wait", "off"));
  }

  private void blockdev(String driver, String node, Path file, boolean readOnly) {
    option(
        "-blockdev",
        json(
            "driver", driver,
            "node-name", node,
            "read-only", readOnly,
            "file", map("driver", "file", "filename", file.toString())));
  }

  private void device(Object... keysAndValues) {
    option("-device", json(keysAndValues));
  }

  private void option(String name, String value) {
    words.add(name);
    words.add(value);
  }
}
