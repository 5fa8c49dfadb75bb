package dev.vmctl.hypervisor.bhyve;

import dev.vmctl.host.HostCommands;
import dev.vmctl.host.HostFacts;
import dev.vmctl.host.ToolResult;
import dev.vmctl.hypervisor.LaunchNote;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.VmException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/**
 * The kernel's VMs, which are all in {@code /dev/vmm} and bear nothing but a name. One is ours if
 * there is a note of its start in this boot, and the start came as far as bhyve.
 */
final class BhyveVms {
  private final HostCommands commands;
  private final HostFacts facts;
  private final Path directory;
  private final LaunchNote note = new LaunchNote();

  BhyveVms(HostCommands commands, HostFacts facts, Path devices) {
    this.commands = commands;
    this.facts = facts;
    this.directory = devices.resolve("vmm");
  }

  /** Whether the kernel has a VM of this name, running or left behind. */
  boolean exists(VmHandle vm) {
    return Files.exists(directory.resolve(vm.name().value()));
  }

  /** The note of a start in this boot that was not cleared away. */
  Optional<LaunchFacts> begun(VmHandle vm) {
    return note.of(vm).filter(facts -> facts.bootId().equals(this.facts.bootId()));
  }

  private boolean isOurs(VmHandle vm) {
    return exists(vm) && begun(vm).isPresent() && Files.exists(new BhyveFiles(vm).guestPid());
  }

  /**
   * To be asked when nothing of ours is left.
   *
   * @throws VmException bhyve.foreign_vm when there is a VM of this name all the same
   */
  void refuseForeign(VmHandle vm) {
    if (exists(vm)) {
      throw new VmException(
          ErrorCode.BHYVE_FOREIGN,
          "this host already has a bhyve VM '" + vm.name() + "' that vmctl did not start",
          "it is left untouched; give this VM another name, or end that one: bhyvectl --vm="
              + vm.name()
              + " --destroy");
    }
  }

  /** Gives back what the kernel holds of a VM that ended; done when there is none. */
  void destroy(VmHandle vm) {
    if (isOurs(vm)) {
      List<String> command = List.of("bhyvectl", "--vm=" + vm.name(), "--destroy");
      ToolResult result = commands.attempt(command);
      if (!result.succeeded() && exists(vm)) {
        throw commands.failure(command, result);
      }
    }
  }

  /** Pulls the plug. */
  void powerOff(VmHandle vm) {
    if (isOurs(vm)) {
      List<String> command = List.of("bhyvectl", "--vm=" + vm.name(), "--force-poweroff");
      ToolResult result = commands.attempt(command);
      if (!result.succeeded() && exists(vm)) {
        throw commands.failure(command, result);
      }
    }
  }
}
