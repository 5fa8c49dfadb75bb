package dev.vmctl.hypervisor.qemu;

import com.fasterxml.jackson.databind.ObjectMapper;
import dev.vmctl.host.AtomicFiles;
import dev.vmctl.host.HostProcess;
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

  /** Writes what is known before the start: all but the process and the screen. */
  void write(Path file, LaunchFacts facts) {
    try {
      Files.write(file, json.writeValueAsBytes(facts));
    } catch (IOException e) {
      throw AtomicFiles.failure("write", file, e);
    }
  }

  /**
   * The facts of the start that this process came from; empty when there is no note, or none that
   * can be read.
   */
  Optional<LaunchFacts> read(Path file, HostProcess process, @Nullable String vnc) {
    try {
      LaunchFacts noted = json.readValue(Files.readAllBytes(file), LaunchFacts.class);
      return Optional.of(
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
    } catch (NoSuchFileException e) {
      return Optional.empty();
    } catch (IOException e) {
      log.log(System.Logger.Level.WARNING, "cannot read " + file, e);
      return Optional.empty();
    }
  }
}
