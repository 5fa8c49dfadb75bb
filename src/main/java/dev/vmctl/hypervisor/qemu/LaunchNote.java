package dev.vmctl.hypervisor.qemu;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.vmctl.host.AtomicFiles;
import dev.vmctl.host.HostProcess;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.json.Json;
import dev.vmctl.model.LaunchFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a QEMU is being started with, written beside its sockets before it is started: an engine
 * that is killed before it could write down the answer leaves a guest that the next engine can
 * still adopt. Not synced to the disk: it is worth nothing after a power failure.
 */
final class LaunchNote {
  private static final System.Logger log = System.getLogger(LaunchNote.class.getName());

  private final ObjectMapper json = Json.mapper();

  /**
   * Writes what is known: before the start all but the process (its pid is 0) and the screen, after
   * it the process too.
   */
  void write(Path file, LaunchFacts facts) {
    try {
      Files.write(file, json.writeValueAsBytes(facts));
    } catch (IOException e) {
      throw AtomicFiles.failure("write", file, e);
    }
  }

  /** Whether a start of this VM was begun and its process was never noted. */
  boolean isOfUnknownProcess(VmHandle vm) {
    return Files.exists(new QemuFiles(vm).launchNote())
        && of(vm).map(LaunchFacts::pid).orElse(0L) == 0;
  }

  /** What is noted of the last start of this VM. */
  Optional<LaunchFacts> of(VmHandle vm) {
    return noted(new QemuFiles(vm).launchNote());
  }

  private Optional<LaunchFacts> noted(Path file) {
    try {
      return Optional.of(json.readValue(Files.readAllBytes(file), LaunchFacts.class));
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      log.log(System.Logger.Level.WARNING, "cannot read " + file, e);
      return Optional.empty();
    }
  }

  /**
   * The facts of the start that this process came from; empty when there is no note, or none that
   * can be read.
   */
  Optional<LaunchFacts> read(Path file, HostProcess process, @Nullable String vnc) {
    return noted(file)
        .map(
            noted ->
                new LaunchFacts(
                    noted.machine(),
                    noted.cpu(),
                    noted.accel(),
                    noted.accelReason(),
                    noted.vcpus(),
                    noted.memoryMb(),
                    noted.sshPort(),
                    vnc,
                    process.pid(),
                    process.startTicks(),
                    noted.bootId()));
  }
}
