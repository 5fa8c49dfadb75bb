package dev.vmctl.host;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.time.Duration;
import java.util.List;
import java.util.Optional;
import java.util.UUID;

/**
 * The zones of an illumos host, through zonecfg(8) and zoneadm(8). Every call looks first, is done
 * when the zone is as asked for, and touches none that is not its owner's.
 *
 * <pre>{@code
 *          configure            install             boot
 * (none) -----------> configured -----> installed -----> running
 *        <-----------            <-----           <-----
 *          delete              uninstall            halt
 * }</pre>
 */
public final class Zones {
  /** Installing copies or clones a tree of files; booting waits for the zone's first process. */
  private static final Duration LONG = Duration.ofMinutes(5);

  private final HostCommands commands;

  public Zones(HostCommands commands) {
    this.commands = commands;
  }

  /** Every zone of the host, the global one too. */
  public List<Zone> list() {
    List<String> command = List.of("zoneadm", "list", "-cip");
    String output = commands.require(command);
    try {
      return output.lines().filter(line -> !line.isEmpty()).map(Zone::parse).toList();
    } catch (IllegalArgumentException e) {
      throw new VmException(
          ErrorCode.HOST_COMMAND_FAILED,
          "zoneadm answered in words we do not know: " + e.getMessage(),
          "this host's zoneadm may be too new for this version of vmctl",
          e);
    }
  }

  public Optional<Zone> find(String name) {
    return list().stream().filter(zone -> zone.name().equals(name)).findFirst();
  }

  /**
   * The VM an existing zone belongs to, as it was marked when we made it.
   *
   * @return empty for a zone that others made
   */
  public Optional<UUID> owner(String name) {
    return attribute(name, ZoneDefinition.OWNER).flatMap(Zones::uuid);
  }

  /** Value of an attribute of an existing zone. */
  public Optional<String> attribute(String name, String attribute) {
    return commands
        .require(List.of("zonecfg", "-z", name, "info", "attr", "name=" + attribute))
        .lines()
        .map(String::strip)
        .filter(line -> line.startsWith("value: "))
        .map(line -> unquoted(line.substring("value: ".length())))
        .findFirst();
  }

  /**
   * Makes the zone's configuration; one that is there and of this owner is left as it is.
   *
   * @throws VmException zone.foreign when a zone of this name belongs to somebody else
   */
  public void configure(ZoneDefinition definition) {
    if (find(definition.name()).isPresent()) {
      requireOwner(definition.name(), definition.owner());
      return;
    }
    change(List.of("zonecfg", "-z", definition.name(), definition.script()));
  }

  /**
   * Installs and boots, from whatever state it is in.
   *
   * @throws VmException zone.foreign; zone.state when it is in a state that only passes or that
   *     others brought about
   */
  public void boot(String name, UUID owner) {
    Zone zone = owned(name, owner);
    switch (zone.state()) {
      case CONFIGURED -> {
        change(List.of("zoneadm", "-z", name, "install"));
        change(List.of("zoneadm", "-z", name, "boot"));
      }
      case INCOMPLETE -> {
        // Ours broke off: only an uninstall leads out of it.
        change(List.of("zoneadm", "-z", name, "uninstall", "-F"));
        change(List.of("zoneadm", "-z", name, "install"));
        change(List.of("zoneadm", "-z", name, "boot"));
      }
      case INSTALLED, READY -> change(List.of("zoneadm", "-z", name, "boot"));
      case RUNNING -> {}
      case SHUTTING_DOWN, DOWN, MOUNTED -> throw inState(zone, "booted");
    }
  }

  /**
   * Halts it, without its processes being asked; done when it does not run or is not there.
   *
   * @throws VmException zone.foreign; zone.state when it is mounted
   */
  public void halt(String name, UUID owner) {
    Optional<Zone> zone = find(name);
    if (zone.isEmpty()) {
      return;
    }
    requireOwner(name, owner);
    switch (zone.get().state()) {
      case CONFIGURED, INCOMPLETE, INSTALLED -> {}
      case READY, RUNNING, SHUTTING_DOWN, DOWN -> change(List.of("zoneadm", "-z", name, "halt"));
      case MOUNTED -> throw inState(zone.get(), "halted");
    }
  }

  /**
   * Halts, uninstalls and deletes it; done when it is not there.
   *
   * @throws VmException zone.foreign; zone.state when it is mounted
   */
  public void remove(String name, UUID owner) {
    Optional<Zone> zone = find(name);
    if (zone.isEmpty()) {
      return;
    }
    halt(name, owner);
    if (zone.get().state() != ZoneState.CONFIGURED) {
      change(List.of("zoneadm", "-z", name, "uninstall", "-F"));
    }
    change(List.of("zonecfg", "-z", name, "delete", "-F"));
  }

  private Zone owned(String name, UUID owner) {
    Zone zone =
        find(name)
            .orElseThrow(
                () ->
                    new VmException(
                        ErrorCode.ZONE_STATE,
                        "there is no zone " + name,
                        "somebody has deleted it; it is made anew at the next try"));
    requireOwner(name, owner);
    return zone;
  }

  private void requireOwner(String name, UUID owner) {
    Optional<UUID> found = owner(name);
    if (found.isEmpty() || !found.get().equals(owner)) {
      throw new VmException(
          ErrorCode.ZONE_FOREIGN,
          "the zone "
              + name
              + (found.isEmpty() ? " was not made by vmctl" : " belongs to the VM " + found.get()),
          "it is left untouched; give the VM another name, or remove that zone yourself");
    }
  }

  private static VmException inState(Zone zone, String wanted) {
    return new VmException(
        ErrorCode.ZONE_STATE,
        "the zone " + zone.name() + " is " + zone.state().text() + " and cannot be " + wanted,
        zone.state() == ZoneState.MOUNTED
            ? "unmount it: zoneadm -z " + zone.name() + " unmount"
            : "it may pass by itself; else look at it with 'zoneadm -z " + zone.name() + " halt'");
  }

  private void change(List<String> command) {
    ToolResult result = commands.attempt(command, LONG);
    if (!result.succeeded()) {
      throw commands.failure(command, result);
    }
  }

  private static Optional<UUID> uuid(String text) {
    try {
      return Optional.of(UUID.fromString(text));
    } catch (IllegalArgumentException e) {
      // Not a mark that we would make: somebody else's zone.
      return Optional.empty();
    }
  }

  private static String unquoted(String text) {
    boolean quoted = text.length() > 1 && text.startsWith("\"") && text.endsWith("\"");
    return quoted ? text.substring(1, text.length() - 1) : text;
  }
}
