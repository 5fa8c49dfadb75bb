package dev.vmctl.hypervisor.bhyve;

import dev.vmctl.hypervisor.VmHandle;
import java.io.IOException;
import java.io.InputStream;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;

/**
 * The process that stays with a bhyve: runs it again when its guest reboots, destroys the VM and
 * writes down the exit code when it has ended, whether or not we live. bhyve itself shows neither
 * its uuid in the process list nor its exit code to anybody but its parent.
 */
final class Keeper {
  /** Its name among the processes; the VM's uuid is the next word. */
  static final String NAME = "vmctl-bhyve";

  private static final String SCRIPT = script();

  private Keeper() {}

  /**
   * The command line that keeps this bhyve.
   *
   * @param console the end of the null modem that people have
   */
  static List<String> of(VmHandle vm, Path control, Path console, List<String> bhyve) {
    BhyveFiles files = new BhyveFiles(vm);
    List<String> command = new ArrayList<>(List.of("/bin/sh", "-c", SCRIPT));
    command.addAll(identity(vm));
    command.add(vm.name().value());
    command.add(files.exit().toString());
    command.add(files.guestPid().toString());
    command.add(control.toString());
    command.add(console.toString());
    command.add(files.console().toString());
    command.addAll(bhyve);
    return List.copyOf(command);
  }

  /** The words by which the keeper of a VM is found. */
  static List<String> identity(VmHandle vm) {
    return List.of(NAME, vm.uuid().toString());
  }

  private static String script() {
    try (InputStream stream =
        Objects.requireNonNull(Keeper.class.getResourceAsStream("keeper.sh"), "keeper.sh")) {
      return new String(stream.readAllBytes(), StandardCharsets.UTF_8);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
