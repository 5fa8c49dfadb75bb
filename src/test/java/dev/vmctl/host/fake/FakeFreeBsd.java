package dev.vmctl.host.fake;

import dev.vmctl.host.fake.FakeTool.Refusal;
import dev.vmctl.host.fake.FakeTool.Usage;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** What FreeBSD has for bhyve: interfaces, kernel modules, and the kernel's VMs in /dev/vmm. */
public final class FakeFreeBsd {
  /** Interfaces by name. */
  public final Map<String, Interface> interfaces = new TreeMap<>();

  /** Kernel modules that are loaded. */
  public final Set<String> modules = new TreeSet<>(Set.of("vmm", "nmdm"));

  /** Names of VMs that the kernel holds, each with a file in {@link #vmm}. */
  public final Map<String, Vm> vms = new HashMap<>();

  public int upOnOpen = 1;

  /** Whether this host meets guests as soon as they run. */
  public boolean meetsGuests = true;

  final Path vmm;
  private int numbers;

  /** A network interface. */
  public static final class Interface {
    public final String group;
    public @Nullable String description;
    public boolean up;
    public boolean open;
    public final Set<String> members = new TreeSet<>();

    Interface(String group) {
      this.group = group;
    }
  }

  /** A VM in the kernel; the process that runs it, if there is one. */
  public static final class Vm {
    @Nullable FakeBhyve process;
  }

  FakeFreeBsd(Path devices) {
    vmm = devices.resolve("vmm");
    try {
      Files.createDirectories(vmm);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  /** Makes what others have made. */
  public Interface addBridge(String name) {
    Interface bridge = new Interface("bridge");
    interfaces.put(name, bridge);
    return bridge;
  }

  /** A VM that the kernel holds, as others have left it. */
  public Vm addVm(String name) {
    Vm vm = new Vm();
    vms.put(name, vm);
    try {
      Files.createFile(vmm.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return vm;
  }

  void removeVm(String name) {
    vms.remove(name);
    try {
      Files.delete(vmm.resolve(name));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  String sysctl(List<String> arguments) {
    if (!arguments.equals(List.of("-n", "net.link.tap.up_on_open"))) {
      throw new Usage("sysctl " + arguments);
    }
    return upOnOpen + "\n";
  }

  String kldstat(List<String> arguments) {
    if (arguments.size() != 3 || !arguments.subList(0, 2).equals(List.of("-q", "-m"))) {
      throw new Usage("kldstat " + arguments);
    }
    if (!modules.contains(arguments.get(2))) {
      throw new Refusal(1, "");
    }
    return "";
  }

  String bhyvectl(List<String> arguments) {
    if (arguments.size() != 2 || !arguments.getFirst().startsWith("--vm=")) {
      throw new Usage("bhyvectl " + arguments);
    }
    String name = arguments.getFirst().substring("--vm=".length());
    Vm vm = vms.get(name);
    if (vm == null) {
      throw new Refusal(1, "VM:" + name + " is not created.");
    }
    switch (arguments.get(1)) {
      case "--destroy" -> {
        if (vm.process != null) {
          throw new Usage("the VM " + name + " was destroyed under its running bhyve");
        }
        removeVm(name);
      }
      case "--force-poweroff" -> {
        if (vm.process != null) {
          vm.process.ends(1);
        }
      }
      default -> throw new Usage("bhyvectl " + arguments);
    }
    return "";
  }

  /** As the kernel's table of neighbours is printed; each running guest has an address. */
  String arp(List<String> arguments) {
    if (!arguments.equals(List.of("-an"))) {
      throw new Usage("arp " + arguments);
    }
    StringBuilder lines = new StringBuilder();
    lines.append("? (192.168.7.1) at 58:9c:fc:10:ff:d6 on br0 permanent [bridge]\n");
    lines.append("? (192.168.7.9) at (incomplete) on br0 expired [bridge]\n");
    if (meetsGuests) {
      int last = 20;
      for (Vm vm : vms.values()) {
        if (vm.process != null) {
          String met = "? (192.168.7.%d) at %s on br0 expires in 1186 seconds [bridge]\n";
          lines.append(met.formatted(last++, vm.process.mac()));
        }
      }
    }
    return lines.toString();
  }

  String ifconfig(List<String> arguments) {
    if (arguments.equals(List.of("-a"))) {
      return interfaces.keySet().stream().map(this::show).collect(Collectors.joining());
    }
    if (arguments.size() == 1) {
      return show(arguments.getFirst());
    }
    if (arguments.size() > 2 && arguments.subList(0, 2).equals(List.of("tap", "create"))) {
      return create(arguments.subList(2, arguments.size()));
    }
    String name = arguments.getFirst();
    Interface present = interfaces.get(name);
    if (present == null) {
      throw new Refusal(1, "ifconfig: interface " + name + " does not exist");
    }
    switch (arguments.get(1)) {
      case "addm" -> addMember(present, arguments.get(2));
      case "destroy" -> {
        if (present.open) {
          // The real one waits until it is closed: for ever, as far as we are concerned.
          throw new Usage("the tap " + name + " was destroyed while bhyve had it open");
        }
        interfaces.remove(name);
        interfaces.values().forEach(each -> each.members.remove(name));
      }
      default -> throw new Usage("ifconfig: " + arguments.get(1) + ": bad value");
    }
    return "";
  }

  private void addMember(Interface bridge, String member) {
    if (!interfaces.containsKey(member)) {
      throw new Refusal(1, "ifconfig: BRDGADD " + member + ": No such file or directory");
    }
    if (bridge.members.contains(member)) {
      throw new Refusal(1, "ifconfig: BRDGADD " + member + ": File exists");
    }
    if (interfaces.values().stream().anyMatch(each -> each.members.contains(member))) {
      throw new Refusal(1, "ifconfig: BRDGADD " + member + ": Device busy");
    }
    bridge.members.add(member);
  }

  private String create(List<String> words) {
    Interface tap = new Interface("tap");
    String name = "tap" + numbers++;
    for (int i = 0; i < words.size(); i++) {
      switch (words.get(i)) {
        case "name" -> name = words.get(++i);
        case "description" -> tap.description = words.get(++i);
        case "up" -> tap.up = true;
        default -> throw new Usage("ifconfig: " + words.get(i) + ": bad value");
      }
    }
    if (name.length() > 15 || (tap.description != null && tap.description.length() > 63)) {
      throw new Usage("ifconfig: a name or description is too long");
    }
    if (interfaces.containsKey(name)) {
      throw new Refusal(1, "ifconfig: ioctl SIOCSIFNAME (set name): File exists");
    }
    interfaces.put(name, tap);
    return name + "\n";
  }

  private String show(String name) {
    Interface present = interfaces.get(name);
    if (present == null) {
      throw new Refusal(1, "ifconfig: interface " + name + " does not exist");
    }
    List<String> lines = new ArrayList<>();
    lines.add(
        name
            + (present.up
                ? ": flags=8943<UP,BROADCAST,RUNNING,PROMISC,SIMPLEX,MULTICAST>"
                : ": flags=8902<BROADCAST,PROMISC,SIMPLEX,MULTICAST>")
            + " metric 0 mtu 1500");
    if (present.description != null) {
      lines.add("\tdescription: " + present.description);
    }
    lines.add("\tether 58:9c:fc:10:ff:d6");
    for (String member : present.members) {
      lines.add("\tmember: " + member + " flags=143<LEARNING,DISCOVER,AUTOEDGE,AUTOPTP>");
      lines.add("\t        ifmaxaddr 0 port 5 priority 128 path cost 2000000");
    }
    lines.add("\tgroups: " + present.group);
    lines.add("\tnd6 options=29<PERFORMNUD,IFDISABLED,AUTO_LINKLOCAL>");
    return String.join("\n", lines) + "\n";
  }
}
