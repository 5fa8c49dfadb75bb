package dev.vmctl.hypervisor;

import dev.vmctl.host.AtomicFiles;
import dev.vmctl.host.HostProcess;
import dev.vmctl.host.Log;
import dev.vmctl.json.Json;
import dev.vmctl.json.RecordReader;
import dev.vmctl.model.LaunchFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * What a VM is being started with, written into its run directory before it is started: an engine
 * that is killed before it could write down the answer leaves a guest that the next engine can
 * still adopt. Not synced to the disk: it is worth nothing after a power failure.
 */
public final class LaunchNote {
  private static final System.Logger log = Log.of(LaunchNote.class);

  /** Where the note of a VM is. */
  public static Path file(VmHandle vm) {
    return vm.runFile("launch.json");
  }

  /**
   * Writes what is known: before the start all but the process (its pid is 0) and the screen, after
   * it the process too.
   */
  public void write(VmHandle vm, LaunchFacts facts) {
    Path file = file(vm);
    try {
      Files.write(file, Json.mapper().writeValueAsBytes(facts));
    } catch (IOException e) {
      throw AtomicFiles.failure("write", file, e);
    }
  }

  /** Whether a start of this VM was begun and its process was never noted. */
  public boolean isOfUnknownProcess(VmHandle vm) {
    return Files.exists(file(vm)) && of(vm).map(LaunchFacts::pid).orElse(0L) == 0;
  }

  /** What is noted of the last start of this VM; empty when there is none that can be read. */
  public Optional<LaunchFacts> of(VmHandle vm) {
    Path file = file(vm);
    try {
      return Optional.of(RecordReader.read(LaunchFacts.class, Files.readAllBytes(file)));
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
   *
   * @param vnc address of its screen
   */
  public Optional<LaunchFacts> read(VmHandle vm, HostProcess process, @Nullable String vnc) {
    return of(vm).map(noted -> noted.ofProcess(vnc, process.pid(), process.startTicks()));
  }
}
