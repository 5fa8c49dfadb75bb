package dev.vmctl.hypervisor.bhyve;

import dev.vmctl.hypervisor.VmHandle;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;

/** Writes bhyve's command line. Pure: the same machine gives the same words. */
final class BhyveCommandLine {
  private final List<String> words = new ArrayList<>();

  private BhyveCommandLine() {}

  /** The program and its arguments. */
  static List<String> of(Path program, VmHandle vm, BhyveMachine machine) {
    BhyveCommandLine line = new BhyveCommandLine();
    line.words.add(program.toString());
    line.board(vm, machine);
    line.slot(0, "hostbridge");
    line.slot(4, "virtio-blk," + machine.disk());
    if (machine.seed() != null) {
      // Not a CD-ROM: cloud kernels have no AHCI driver.
      line.slot(5, "virtio-blk," + machine.seed() + ",ro");
    }
    if (machine.tap() != null) {
      line.slot(6, "virtio-net," + machine.tap() + ",mac=" + machine.mac().value());
    }
    line.slot(7, "virtio-rnd");
    line.slot(29, "fbuf,tcp=127.0.0.1:" + machine.vncPort());
    // Absolute positions, as a VNC viewer has them.
    line.slot(30, "xhci,tablet");
    line.slot(31, "lpc");
    line.firmware(machine);
    line.option("-l", "com1," + guestSide(vm));
    line.words.add(vm.name().value());
    return List.copyOf(line.words);
  }

  /** The end of the null-modem pair that the guest's COM1 is connected to. */
  static String guestSide(VmHandle vm) {
    return "/dev/nmdm-" + vm.name() + ".1A";
  }

  /** The end that people open. */
  static String peopleSide(VmHandle vm) {
    return "/dev/nmdm-" + vm.name() + ".1B";
  }

  private void board(VmHandle vm, BhyveMachine machine) {
    option("-c", Integer.toString(machine.vcpus()));
    option("-m", machine.memoryMb() + "M");
    // ACPI tables, for the power button; yield at HLT and PAUSE; unknown MSRs as zero; clock in
    // UTC.
    words.addAll(List.of("-A", "-H", "-P", "-w", "-u"));
    option("-U", vm.uuid().toString());
  }

  private void firmware(BhyveMachine machine) {
    option(
        "-l",
        "bootrom,"
            + machine.bootRom()
            + (machine.variables() == null ? "" : "," + machine.variables()));
  }

  private void slot(int number, String device) {
    option("-s", number + "," + device);
  }

  private void option(String name, String value) {
    words.add(name);
    words.add(value);
  }
}
