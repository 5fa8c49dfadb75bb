package dev.vmctl.hypervisor.qemu;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmctl.hypervisor.DataDisk;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.DiskSpec;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.NicSpec;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmSpec;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.stream.StreamSupport;
import org.jspecify.annotations.Nullable;

/** Plugs disks and cards into a QEMU that runs, and unplugs them. */
final class QemuDevices {
  /** How long a guest may take to let a device go. */
  private static final Duration RELEASE = Duration.ofSeconds(15);

  private static final Duration LOOK = Duration.ofMillis(500);

  private final QemuLink link;
  private final FileLender lender;
  private final Duration answer;

  QemuDevices(QemuLink link, FileLender lender, Duration answer) {
    this.link = link;
    this.lender = lender;
    this.answer = answer;
  }

  /** Makes a disk at least this large; it is never shrunk. */
  void grow(String node, @Nullable Long bytes) throws InterruptedException {
    for (JsonNode each : command("query-named-block-nodes", Map.of())) {
      if (bytes != null
          && each.path("node-name").asText().equals(node)
          && each.path("image").path("virtual-size").asLong() < bytes) {
        command("block_resize", Map.of("node-name", node, "size", bytes));
      }
    }
  }

  void disks(VmSpec from, VmSpec to, List<DataDisk> files) throws InterruptedException {
    for (DiskSpec had : from.disks()) {
      if (to.disks().stream().noneMatch(disk -> disk.name().equals(had.name()))) {
        unplug("disk-" + had.name());
        if (hasNode("data-" + had.name())) {
          command("blockdev-del", Map.of("node-name", "data-" + had.name()));
        }
      }
    }
    for (DataDisk disk : files) {
      String node = "data-" + disk.name();
      if (!hasNode(node)) {
        lender.whileLent(disk.file(), () -> command("blockdev-add", blockdev(node, disk)));
      }
      if (!has("disk-" + disk.name())) {
        command(
            "device_add",
            Map.of(
                "driver",
                "virtio-blk-pci",
                "id",
                "disk-" + disk.name(),
                "drive",
                node,
                "serial",
                disk.name(),
                "bus",
                freePort(HotplugPorts.DISKS)));
      }
    }
    for (DiskSpec disk : to.disks()) {
      grow("data-" + disk.name(), disk.sizeBytes());
    }
  }

  private static Map<String, Object> blockdev(String node, DataDisk disk) {
    return Map.of(
        "driver",
        "qcow2",
        "node-name",
        node,
        "discard",
        "unmap",
        "file",
        Map.of(
            "driver", "file",
            "filename", disk.file().toString(),
            "discard", "unmap",
            "locking", "on"));
  }

  /** Cards of QEMU's own network, the only ones that come and go live. */
  void cards(VmHandle vm, VmSpec from, VmSpec to) throws InterruptedException {
    for (NicSpec had : from.nics()) {
      if (to.nics().stream().noneMatch(nic -> nic.name().equals(had.name()))) {
        unplug("nic-" + had.name());
        if (hasNetwork("net-" + had.name())) {
          command("netdev_del", Map.of("id", "net-" + had.name()));
        }
      }
    }
    for (NicSpec nic : to.nics()) {
      if (!has("nic-" + nic.name())) {
        plug(vm, nic);
      }
    }
  }

  private void plug(VmHandle vm, NicSpec nic) throws InterruptedException {
    String network = "net-" + nic.name();
    if (!hasNetwork(network)) {
      command("netdev_add", Map.of("type", "user", "id", network, "net", freeNetwork()));
    }
    command(
        "device_add",
        Map.of(
            "driver",
            "virtio-net-pci",
            "id",
            "nic-" + nic.name(),
            "netdev",
            network,
            "mac",
            nic.address(vm.uuid()).value(),
            "romfile",
            "",
            "bus",
            freePort(HotplugPorts.CARDS)));
  }

  /** One that none of the VM's other cards is in: 10.0.3.0 and on. */
  private String freeNetwork() throws InterruptedException {
    String said = people("info network");
    int number = 3;
    while (said.contains("net=10.0." + number + ".0")) {
      number++;
    }
    return "10.0." + number + ".0/24";
  }

  private boolean hasNetwork(String id) throws InterruptedException {
    // A line a backend, its name first; those in use are indented below their card.
    return people("info network")
        .lines()
        .map(line -> line.replaceFirst("^[ \\\\]*", ""))
        .anyMatch(line -> line.startsWith(id + ":"));
  }

  private String people(String line) throws InterruptedException {
    return command("human-monitor-command", Map.of("command-line", line)).asText();
  }

  private boolean hasNode(String node) throws InterruptedException {
    return StreamSupport.stream(command("query-named-block-nodes", Map.of()).spliterator(), false)
        .anyMatch(each -> each.path("node-name").asText().equals(node));
  }

  private boolean has(String device) throws InterruptedException {
    return StreamSupport.stream(
            command("qom-list", Map.of("path", "/machine/peripheral")).spliterator(), false)
        .anyMatch(each -> each.path("name").asText().equals(device));
  }

  /** Asks the guest to let the device go, and waits until it has. */
  private void unplug(String device) throws InterruptedException {
    if (!has(device)) {
      return;
    }
    try {
      command("device_del", Map.of("id", device));
    } catch (VmException e) {
      // Asked before, by an engine that did not live to see the end.
      if (!e.getMessage().contains("already in the process of unplug")) {
        throw e;
      }
    }
    long end = System.nanoTime() + RELEASE.toNanos();
    long seen = link.changes();
    while (has(device)) {
      if (System.nanoTime() > end) {
        throw new VmException(
            ErrorCode.QMP_COMMAND_FAILED,
            "the guest did not let '" + device + "' go within " + RELEASE.toSeconds() + " s",
            "it is changed by a restart");
      }
      link.awaitChange(seen, LOOK);
      seen = link.changes();
    }
  }

  private String freePort(HotplugPorts kind) throws InterruptedException {
    for (JsonNode bus : command("query-pci", Map.of())) {
      for (JsonNode device : bus.path("devices")) {
        String id = device.path("qdev_id").asText();
        if (kind.isOne(id) && device.path("pci_bridge").path("devices").isEmpty()) {
          return id;
        }
      }
    }
    throw new VmException(
        ErrorCode.QMP_COMMAND_FAILED,
        "the running machine has no free place for another device",
        "it is changed by a restart");
  }

  private JsonNode command(String command, Map<String, ?> arguments) throws InterruptedException {
    return link.execute(command, arguments, answer);
  }
}
