package dev.vmctl.hypervisor.qemu;

import java.util.List;
import java.util.Locale;
import java.util.stream.IntStream;

/**
 * The PCI Express ports of a q35 machine into which devices are plugged: the root bus itself takes
 * none from a guest that runs. All of a kind share one place on the bus.
 */
enum HotplugPorts {
  DISKS("disk-port", 0x10, 1, 4, 8),
  CARDS("nic-port", QemuCard.FIRST_PLACE, 20, 2, 7);

  private final String prefix;
  private final int place;
  private final int chassis;
  private final int spare;
  private final int most;

  /**
   * @param chassis number of the first; each port of a machine has another
   * @param spare how many are left for what is plugged in later
   */
  HotplugPorts(String prefix, int place, int chassis, int spare, int most) {
    this.prefix = prefix;
    this.place = place;
    this.chassis = chassis;
    this.spare = spare;
    this.most = most;
  }

  String name(int number) {
    return prefix + number;
  }

  boolean isOne(String device) {
    return device.startsWith(prefix);
  }

  /** The ports of a machine that starts with so many devices of this kind, as QEMU's options. */
  List<Object[]> devices(int used) {
    return IntStream.range(0, Math.min(used + spare, most)).mapToObj(this::device).toList();
  }

  private Object[] device(int number) {
    return new Object[] {
      "driver",
      "pcie-root-port",
      "id",
      name(number),
      "chassis",
      chassis + number,
      "addr",
      String.format(Locale.ROOT, "0x%x.%d", place, number),
      "multifunction",
      true,
      // Virtio needs no I/O ports, and there are few.
      "io-reserve",
      0
    };
  }
}
