package dev.vmctl.hypervisor.qemu;

import static dev.vmctl.hypervisor.qemu.QemuOption.json;
import static dev.vmctl.hypervisor.qemu.QemuOption.keyed;
import static dev.vmctl.hypervisor.qemu.QemuOption.map;

import dev.vmctl.hypervisor.DataDisk;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.ForwardSpec;
import dev.vmctl.model.ShareFacts;
import dev.vmctl.network.PrivateNetwork;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import org.jspecify.annotations.Nullable;

/** Writes QEMU's command line. Pure: the same machine gives the same words. */
final class QemuCommandLine {
  private static final String SANDBOX = "on,obsolete=deny,%sspawn=deny,resourcecontrol=deny";

  /** Also forbids the way down from root, which comes after it. */
  private static final String NOBODY_ELSE = "elevateprivileges=deny,";

  /** Place of the first share on the bus. */
  private static final int FIRST_SHARE = 0x0a;

  /** Place of the first data disk on the bus, or of the ports that data disks are plugged into. */
  private static final int FIRST_DISK = 0x10;

  private static final int BALLOON = 0x08;

  private static final String RAW = "/disk.raw";

  private final List<String> words = new ArrayList<>();
  private final VmHandle vm;
  private final QemuFiles files;
  private final QemuMachine machine;
  private final @Nullable String user;

  private QemuCommandLine(VmHandle vm, QemuMachine machine, @Nullable String user) {
    this.vm = vm;
    this.user = user;
    this.files = new QemuFiles(vm);
    this.machine = machine;
  }

  /**
   * The program and its arguments.
   *
   * @param user whom it becomes when all that is named here is open; null for nobody else
   */
  static List<String> of(
      QemuBinary binary, VmHandle vm, QemuMachine machine, @Nullable String user) {
    QemuCommandLine line = new QemuCommandLine(vm, machine, user);
    line.words.add(binary.path().toString());
    line.identity(binary);
    line.board();
    line.control();
    line.console();
    line.disks();
    List<QemuCard> cards = machine.cards();
    cards.stream().filter(QemuCard::isFirst).forEach(line::card);
    line.guestServices();
    line.tpm();
    line.ports();
    line.dataDisks();
    line.shares();
    cards.stream().filter(card -> !card.isFirst()).forEach(line::card);
    return List.copyOf(line.words);
  }

  private void identity(QemuBinary binary) {
    words.add("-nodefaults");
    words.add("-no-user-config");
    option("-name", keyed("guest=" + vm.name(), "debug-threads", "on"));
    option("-uuid", vm.uuid().toString());
    option("-pidfile", files.pidFile().toString());
    if (binary.sandbox()) {
      option("-sandbox", SANDBOX.formatted(user == null ? NOBODY_ELSE : ""));
    }
    if (user != null) {
      boolean recent = binary.atLeast(9, 1);
      option(recent ? "-run-with" : "-runas", recent ? keyed("user=" + user) : user);
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
      if (firmware.secure()) {
        // Without these the guest's kernel could write the variables, keys and all.
        type.append(",smm=on");
        option("-global", "driver=cfi.pflash01,property=secure,value=on");
      }
      blockdev("raw", "uefi-code", firmware.code(), true);
      blockdev("raw", "uefi-variables", firmware.variables(), false);
    }
    if (machine.hasSharedMemory()) {
      type.append(",memory-backend=ram0");
      option(
          "-object",
          keyed(
              "memory-backend-memfd",
              "id",
              "ram0",
              "size",
              machine.maxMemoryMb() + "M",
              "share",
              "on"));
    }
    option("-machine", type.toString());
    option("-cpu", machine.cpu());
    boolean more = machine.maxVcpus() > machine.vcpus();
    option("-smp", "cpus=" + machine.vcpus() + (more ? ",maxcpus=" + machine.maxVcpus() : ""));
    option("-m", "size=" + machine.maxMemoryMb() + "M");
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
      // A disk that others have made may be raw; its name in the VM's directory says so.
      image(disk.toString().endsWith(RAW) ? "raw" : "qcow2", "root", disk);
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

  private void card(QemuCard card) {
    String network = "net" + card.name();
    option(
        "-netdev",
        switch (card.network()) {
          case QemuNetwork.User user -> keyed("user", user(network, user));
          case QemuNetwork.Private(String name, PrivateNetwork.Meeting meeting) ->
              keyed(
                  "socket",
                  "id",
                  network,
                  "mcast",
                  meeting.group() + ":" + meeting.port(),
                  "localaddr",
                  "127.0.0.1");
          case QemuNetwork.Tap tap ->
              keyed(
                  "tap", "id", network, "ifname", tap.device(), "script", "no", "downscript", "no");
        });
    // Without its boot ROM: nothing here boots from the network.
    Object[] words = {
      "driver",
      "virtio-net-pci",
      "id",
      "nic" + card.name(),
      "netdev",
      network,
      "mac",
      card.mac().value(),
      "romfile",
      ""
    };
    device(
        card.isFurther()
            ? at(
                HotplugPorts.CARDS,
                card.place() - QemuCard.FIRST_PLACE,
                QemuCard.FIRST_PLACE,
                words)
            : placed(card.place(), words));
  }

  /** Ports for what is there, and for what may be plugged in later. */
  private void ports() {
    if (machine.hasPorts()) {
      int cards = (int) machine.cards().stream().filter(QemuCard::isFurther).count();
      HotplugPorts.DISKS.devices(machine.dataDisks().size()).forEach(this::device);
      HotplugPorts.CARDS.devices(cards).forEach(this::device);
    }
  }

  /** In the port of this number, or, on a machine without, at a place of its own on the bus. */
  private Object[] at(HotplugPorts ports, int number, int first, Object... keysAndValues) {
    if (!machine.hasPorts()) {
      return placed(first + number, keysAndValues);
    }
    List<Object> words = new ArrayList<>(List.of(keysAndValues));
    words.addAll(List.of("bus", ports.name(number)));
    return words.toArray();
  }

  private static Object[] user(String id, QemuNetwork.User user) {
    List<Object> words = new ArrayList<>(List.of("id", id));
    if (user.number() > 0) {
      words.addAll(List.of("net", "10.0." + (2 + user.number()) + ".0/24"));
    }
    if (user.sshPort() != null) {
      words.addAll(List.of("hostfwd", "tcp:127.0.0.1:" + user.sshPort() + "-:22"));
    }
    user.forwards().forEach(forward -> words.addAll(List.of("hostfwd", rule(forward))));
    return words.toArray();
  }

  /** A forward in QEMU's words; it repeats them when it cannot listen. */
  static String rule(ForwardSpec forward) {
    return forward.protocol().text()
        + ":"
        + forward.bind()
        + ":"
        + forward.hostPort()
        + "-:"
        + forward.guestPort();
  }

  /** After everything else, at places of their own: what is added moves nothing that was there. */
  private void dataDisks() {
    int number = 0;
    for (DataDisk disk : machine.dataDisks()) {
      String node = "data-" + disk.name();
      image("qcow2", node, disk.file());
      device(
          at(
              HotplugPorts.DISKS,
              number++,
              FIRST_DISK,
              "driver",
              "virtio-blk-pci",
              "id",
              "disk-" + disk.name(),
              "drive",
              node,
              "serial",
              disk.name()));
    }
  }

  private void shares() {
    int place = FIRST_SHARE;
    for (ShareFacts share : machine.shares()) {
      String tag = share.tag();
      switch (share.via()) {
        case VIRTIOFS -> {
          option("-chardev", keyed("socket", "id", tag, "path", files.shareSocket(tag)));
          device(placed(place, "driver", "vhost-user-fs-pci", "chardev", tag, "tag", tag));
        }
        case PLAN9 -> {
          option(
              "-fsdev",
              keyed(
                  "local",
                  "id",
                  tag,
                  "path",
                  share.host(),
                  "security_model",
                  "none",
                  "readonly",
                  share.readOnly() ? "on" : "off"));
          device(placed(place, "driver", "virtio-9p-pci", "fsdev", tag, "mount_tag", tag));
        }
        case SFTP -> {} // needs no device
        case AUTO -> throw new IllegalStateException(share + " is not resolved");
      }
      place++;
    }
  }

  private static Object[] placed(int place, Object... keysAndValues) {
    if (place == QemuCard.ANYWHERE) {
      return keysAndValues;
    }
    List<Object> words = new ArrayList<>(List.of(keysAndValues));
    words.addAll(List.of("addr", "0x" + Integer.toHexString(place)));
    return words.toArray();
  }

  private void guestServices() {
    option("-object", json("qom-type", "rng-builtin", "id", "rng0"));
    device("driver", "virtio-rng-pci", "rng", "rng0");
    device("driver", "pvpanic-pci");
    device(placed(BALLOON, "driver", "virtio-balloon-pci", "id", "balloon0"));
    chardev("agent0", files.agentSocket());
    device("driver", "virtio-serial-pci", "id", "ports0");
    device(
        "driver", "virtserialport",
        "bus", "ports0.0",
        "chardev", "agent0",
        "name", "org.qemu.guest_agent.0");
  }

  private void tpm() {
    if (machine.tpm()) {
      option("-chardev", keyed("socket", "id", "tpm", "path", files.tpmSocket()));
      option("-tpmdev", "emulator,id=tpm0,chardev=tpm");
      device("driver", "tpm-tis", "tpmdev", "tpm0");
    }
  }

  private void chardev(String id, Path socket) {
    option("-chardev", keyed("socket", "id", id, "path", socket, "server", "on", "wait", "off"));
  }

  private void image(String format, String node, Path file) {
    option(
        "-blockdev",
        json(
            "driver",
            format,
            "node-name",
            node,
            "discard",
            "unmap",
            "file",
            map(
                "driver", "file",
                "filename", file.toString(),
                "discard", "unmap",
                "locking", "on")));
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
