package dev.vmctl.host;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.MacAddress;
import dev.vmctl.model.VmException;
import java.util.List;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * The VNICs of an illumos host, through dladm(8). A VNIC bears no mark but its MAC address: one
 * with the address of a VM of ours is that VM's, any other is somebody else's and is never touched.
 *
 * <p>They are temporary: a host that boots has none of them, as it has no VM that runs.
 */
public final class Vnics {
  /** dladm(8): a letter first, a digit last, 31 characters at most. */
  private static final Pattern NAME = Pattern.compile("[A-Za-z][A-Za-z0-9_.]{0,29}[0-9]");

  private final HostCommands commands;

  public Vnics(HostCommands commands) {
    this.commands = commands;
  }

  public static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }

  public Optional<Vnic> find(String name) {
    List<String> command =
        List.of("dladm", "show-vnic", "-p", "-o", "link,over,macaddress", checked(name));
    ToolResult result = commands.attempt(command);
    if (!result.succeeded() && result.errors().contains("object not found")) {
      return Optional.empty();
    }
    if (!result.succeeded()) {
      throw commands.failure(command, result);
    }
    try {
      return result.output().lines().filter(line -> !line.isEmpty()).map(Vnic::parse).findFirst();
    } catch (IllegalArgumentException | VmException e) {
      throw new VmException(
          ErrorCode.HOST_COMMAND_FAILED,
          "dladm answered in words we do not know: " + e.getMessage(),
          "this host's dladm may be too new for this version of vmctl",
          e);
    }
  }

  /**
   * Makes it; one that is there with this address is good.
   *
   * @param over the physical link, aggregation or switch
   * @throws VmException vnic.name_taken when the name is somebody else's; network.failed when there
   *     is no such link
   */
  public void create(String name, String over, MacAddress mac) {
    Optional<Vnic> present = find(name);
    if (present.isPresent()) {
      requireMac(present.get(), mac);
      return;
    }
    List<String> command =
        List.of("dladm", "create-vnic", "-t", "-l", over, "-m", mac.value(), name);
    ToolResult result = commands.attempt(command);
    if (result.succeeded()) {
      return;
    }
    if (result.errors().contains("object already exists")) {
      // Some other kind of link has the name: only a VNIC would have been found above.
      throw commands.failure(
          ErrorCode.VNIC_TAKEN, command, result, "choose another name in network \"vnic\"");
    }
    if (result.errors().contains("object not found")) {
      throw commands.failure(
          ErrorCode.NETWORK_FAILED, command, result, "'dladm show-link' lists the links there are");
    }
    throw commands.failure(command, result);
  }

  /**
   * Removes it; done when it is not there.
   *
   * @throws VmException vnic.name_taken when it is somebody else's; host.command_failed when a zone
   *     still uses it
   */
  public void remove(String name, MacAddress mac) {
    Optional<Vnic> present = find(name);
    if (present.isPresent()) {
      requireMac(present.get(), mac);
      commands.require(List.of("dladm", "delete-vnic", "-t", name));
    }
  }

  private static void requireMac(Vnic present, MacAddress mac) {
    if (!present.mac().equals(mac)) {
      throw new VmException(
          ErrorCode.VNIC_TAKEN,
          "the VNIC "
              + present.name()
              + " on "
              + present.over()
              + " is not this VM's: its address is "
              + present.mac().value()
              + ", not "
              + mac.value(),
          "it is left untouched; choose another name in network \"vnic\"");
    }
  }

  private static String checked(String name) {
    if (!isName(name)) {
      throw new VmException(
          ErrorCode.VMFILE_VALIDATION,
          "'" + name + "' is not a name for a VNIC",
          "use letters, digits, '_' and '.', a letter first and a digit last, 31 at most: web0");
    }
    return name;
  }
}
