package dev.vmctl.hypervisor.bhyve;

import dev.vmctl.host.HostCommands;
import dev.vmctl.host.ToolResult;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;

/**
 * The tap devices of bhyve's VMs, through ifconfig(8). A tap is ours by its description, which it
 * gets in the command that makes it.
 */
final class BhyveTaps {
  private static final String OWNER = "dev.vmctl:owner=";

  private final HostCommands commands;

  BhyveTaps(HostCommands commands) {
    this.commands = commands;
  }

  /** The name of a VM's tap: interface names have 15 characters at most. */
  static String name(VmHandle vm) {
    return "vt" + vm.shortId();
  }

  /**
   * A tap of this VM on this bridge. The same at every call for one VM.
   *
   * @throws VmException network.failed when there is no such bridge, or the tap's name is taken
   */
  String open(VmHandle vm, String bridge) {
    String shown = check(bridge);
    String tap = name(vm);
    if (find(vm).isEmpty()) {
      commands.require(
          List.of(
              "ifconfig", "tap", "create", "name", tap, "description", OWNER + vm.uuid(), "up"));
    }
    if (shown.lines().noneMatch(line -> line.strip().startsWith("member: " + tap + " "))) {
      commands.require(List.of("ifconfig", bridge, "addm", tap));
    }
    return tap;
  }

  /**
   * What ifconfig shows of a bridge that taps can be put on.
   *
   * @throws VmException network.failed when there is no such bridge, or taps would stay down
   */
  String check(String bridge) {
    requireUpOnOpen();
    String shown = show(bridge).orElseThrow(() -> noBridge(bridge, "there is no such interface"));
    if (shown.lines().noneMatch(line -> isGroup(line, "bridge"))) {
      throw noBridge(bridge, "it is no bridge");
    }
    return shown;
  }

  /** The bridges of this host; each interface begins with {@code NAME: flags=}. */
  List<String> bridges() {
    List<String> bridges = new ArrayList<>();
    String interfaceName = "";
    for (String line : commands.require(List.of("ifconfig", "-a")).lines().toList()) {
      if (!Character.isWhitespace(line.charAt(0))) {
        interfaceName = line.substring(0, line.indexOf(": flags="));
      } else if (isGroup(line, "bridge")) {
        bridges.add(interfaceName);
      }
    }
    return List.copyOf(bridges);
  }

  /** Removes this VM's tap, if there is one. */
  void remove(VmHandle vm) {
    if (find(vm).isPresent()) {
      commands.require(List.of("ifconfig", name(vm), "destroy"));
    }
  }

  private Optional<String> find(VmHandle vm) {
    Optional<String> shown = show(name(vm));
    shown.ifPresent(
        text -> {
          if (text.lines()
              .noneMatch(line -> line.strip().equals("description: " + OWNER + vm.uuid()))) {
            throw new VmException(
                ErrorCode.NETWORK_FAILED,
                "the interface " + name(vm) + " is not the tap of " + vm.name(),
                "it is left untouched; destroy it if nobody needs it: ifconfig "
                    + name(vm)
                    + " destroy");
          }
        });
    return shown;
  }

  private Optional<String> show(String name) {
    List<String> command = List.of("ifconfig", name);
    ToolResult result = commands.attempt(command);
    if (!result.succeeded() && result.errors().contains("does not exist")) {
      return Optional.empty();
    }
    if (!result.succeeded()) {
      throw commands.failure(command, result);
    }
    return Optional.of(result.output());
  }

  /** Else a tap goes down, and stays down, when its guest reboots. */
  void requireUpOnOpen() {
    String value = commands.require(List.of("sysctl", "-n", "net.link.tap.up_on_open")).strip();
    if (!value.equals("1")) {
      throw new VmException(
          ErrorCode.NETWORK_FAILED,
          "this host leaves tap devices down when they are opened (net.link.tap.up_on_open="
              + value
              + ")",
          "run 'sysctl net.link.tap.up_on_open=1', and put it into /etc/sysctl.conf");
    }
  }

  private static boolean isGroup(String line, String group) {
    List<String> words = List.of(line.strip().split(" "));
    return words.getFirst().equals("groups:") && words.contains(group);
  }

  private static VmException noBridge(String bridge, String why) {
    return new VmException(
        ErrorCode.NETWORK_FAILED,
        "the bridge " + bridge + " cannot be used: " + why,
        "make it with 'ifconfig bridge create name "
            + bridge
            + "' and add a network card to it, or name another in network \"tap\"");
  }
}
