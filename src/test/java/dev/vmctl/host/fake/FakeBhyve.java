package dev.vmctl.host.fake;

import dev.vmctl.host.HostProcess;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * A bhyve under its keeper: checks the command line as bhyverun.c does, opens what it names, and
 * ends as its guest or its user would have it.
 */
public final class FakeBhyve {
  public final HostProcess keeper;
  public final HostProcess process;
  public final String name;
  public final List<String> command;

  /** Whether the guest hears its power button. */
  public boolean hearsPowerButton = true;

  /** How often bhyve was run. */
  public int runs = 1;

  boolean keeperLives = true;
  boolean lives;
  boolean asked;

  private final FakeHost host;
  private final Path exitFile;
  private final Path pidFile;
  private final Map<Integer, String> slots = new HashMap<>();
  private @Nullable String tap;
  private String mac = "";
  private String disk = "";

  /**
   * @param arguments of the keeper's script
   */
  FakeBhyve(FakeHost host, HostProcess keeper, HostProcess process, List<String> arguments) {
    this.host = host;
    this.keeper = keeper;
    this.process = process;
    name = arguments.get(1);
    exitFile = Path.of(arguments.get(2));
    pidFile = Path.of(arguments.get(3));
    command = List.copyOf(arguments.subList(7, arguments.size()));
    UUID.fromString(arguments.get(0));
  }

  /** What bhyve says when it does not start; null when it does. */
  @Nullable String open() {
    write(pidFile, Long.toString(process.pid()));
    String trouble = readCommandLine();
    if (trouble != null) {
      return trouble;
    }
    FakeFreeBsd freebsd = host.freebsd;
    FakeFreeBsd.Vm vm = freebsd.vms.get(name);
    if (vm == null) {
      vm = freebsd.addVm(name);
    }
    if (vm.process != null) {
      return "vm_reinit: Device busy";
    }
    if (!Files.exists(Path.of(disk)) || host.zfs.open.contains(disk)) {
      return "Could not open backing file: " + disk + ": No such file or directory";
    }
    if (tap != null) {
      FakeFreeBsd.Interface opened = freebsd.interfaces.get(tap);
      if (opened == null || opened.open) {
        return "open of tap device /dev/" + tap + " failed";
      }
      opened.open = true;
      opened.up = freebsd.upOnOpen == 1;
    }
    vm.process = this;
    lives = true;
    host.openVolume(disk, true);
    return null;
  }

  private @Nullable String readCommandLine() {
    List<String> words = new ArrayList<>(command.subList(1, command.size()));
    while (!words.isEmpty() && words.getFirst().startsWith("-")) {
      String option = words.removeFirst();
      switch (option) {
        case "-A", "-H", "-P", "-w", "-u" -> {}
        case "-c", "-m" -> {
          if (!words.removeFirst().matches("[1-9]\\d*M?")) {
            return "invalid " + option;
          }
        }
        case "-U" -> UUID.fromString(words.removeFirst());
        case "-s" -> {
          String trouble = slot(words.removeFirst());
          if (trouble != null) {
            return trouble;
          }
        }
        case "-l" -> {
          String trouble = lpc(words.removeFirst());
          if (trouble != null) {
            return trouble;
          }
        }
        default -> {
          return "bhyve: illegal option " + option;
        }
      }
    }
    if (!words.equals(List.of(name)) || !slots.containsKey(0) || !slots.containsKey(31)) {
      return "usage: bhyve …";
    }
    return null;
  }

  private @Nullable String slot(String text) {
    List<String> parts = Arrays.asList(text.split(","));
    int number = Integer.parseInt(parts.getFirst());
    String device = parts.get(1);
    if (number > 31 || slots.put(number, device) != null) {
      return "pci slot " + number + ":0 already occupied!";
    }
    Set<String> known =
        Set.of("hostbridge", "lpc", "virtio-blk", "virtio-net", "virtio-rnd", "fbuf", "xhci");
    if (!known.contains(device)) {
      return "Invalid pci slot emulation " + device;
    }
    if (device.equals("virtio-blk")) {
      if (parts.contains("ro")) {
        return Files.exists(Path.of(parts.get(2))) ? null : "Could not open backing file: seed";
      }
      disk = parts.get(2);
    }
    if (device.equals("virtio-net")) {
      tap = parts.get(2);
      mac = parts.get(3).substring("mac=".length());
    }
    return device.equals("fbuf") && !text.matches("29,fbuf,tcp=127\\.0\\.0\\.1:\\d+")
        ? "fbuf: bad configuration"
        : null;
  }

  private static @Nullable String lpc(String text) {
    List<String> parts = Arrays.asList(text.split(","));
    return switch (parts.getFirst()) {
      case "bootrom" ->
          parts.subList(1, parts.size()).stream().allMatch(part -> Files.exists(Path.of(part)))
              ? null
              : "Error opening bootrom";
      case "com1" ->
          parts.get(1).matches("/dev/nmdm[^/]*[AB]") ? null : "Unable to initialize com1";
      default -> "bhyve: invalid lpc device configuration '" + text + "'";
    };
  }

  String mac() {
    return mac;
  }

  /** The guest reboots. */
  public void reboots() {
    ends(0);
  }

  /** bhyve ends with this code, and its keeper does what it does then. */
  public void ends(int code) {
    if (!lives) {
      return;
    }
    close();
    if (!keeperLives) {
      host.ended(process);
      return;
    }
    if (code == 0 && !asked) {
      slots.clear();
      runs++;
      String trouble = open();
      if (trouble == null) {
        return;
      }
    }
    finish(code);
  }

  /** The keeper clears away and ends. */
  void finish(int code) {
    if (host.freebsd.vms.containsKey(name)) {
      host.freebsd.removeVm(name);
    }
    write(exitFile, Integer.toString(code));
    keeperLives = false;
    host.ended(process);
    host.ended(keeper);
  }

  private void close() {
    lives = false;
    Objects.requireNonNull(host.freebsd.vms.get(name)).process = null;
    if (tap != null) {
      FakeFreeBsd.Interface closed = Objects.requireNonNull(host.freebsd.interfaces.get(tap));
      closed.open = false;
      closed.up = false;
    }
    host.openVolume(disk, false);
  }

  private static void write(Path file, String text) {
    try {
      Files.writeString(file, text + "\n");
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
