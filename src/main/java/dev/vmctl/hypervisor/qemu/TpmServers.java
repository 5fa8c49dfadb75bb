package dev.vmctl.hypervisor.qemu;

import dev.vmctl.host.AtomicFiles;
import dev.vmctl.host.HostFacts;
import dev.vmctl.host.HostProcess;
import dev.vmctl.host.HostProcesses;
import dev.vmctl.host.ProcessStart;
import dev.vmctl.host.Signal;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The TPMs of VMs: a swtpm each, started before QEMU in a session of its own, which ends by itself
 * when QEMU does. What it remembers is in the VM's directory and stays.
 */
final class TpmServers {
  private static final String PROGRAM = "swtpm";
  private static final String INSTALL =
      "install it (Debian, Ubuntu: apt-get install swtpm), or remove \"tpm\"";

  private final HostProcesses processes;
  private final HostFacts facts;
  private final QemuSettings settings;

  TpmServers(HostProcesses processes, HostFacts facts, QemuSettings settings) {
    this.processes = processes;
    this.facts = facts;
    this.settings = settings;
  }

  /**
   * @throws VmException qemu.feature_missing when there is no swtpm
   */
  Path check() {
    return facts
        .findProgram(PROGRAM)
        .orElseThrow(
            () ->
                new VmException(
                    ErrorCode.QEMU_FEATURE_MISSING,
                    "a TPM is declared, and there is no program '" + PROGRAM + "'",
                    INSTALL));
  }

  /** Starts one and waits until it listens. */
  void start(VmHandle vm) throws InterruptedException {
    end(vm);
    QemuFiles files = new QemuFiles(vm);
    Path program = check();
    try {
      Files.createDirectories(
          files.tpmDirectory(),
          PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
    } catch (IOException e) {
      throw AtomicFiles.failure("make", files.tpmDirectory(), e);
    }
    Path log = vm.directory().resolve("swtpm.log");
    HostProcess process =
        processes.start(
            new ProcessStart(command(program, files), log, "vmctl-" + vm.shortId() + "-tpm"));
    long end = System.nanoTime() + settings.start().toNanos();
    while (!Files.exists(files.tpmSocket())) {
      if (!processes.isAlive(process) || System.nanoTime() - end > 0) {
        processes.signal(process, Signal.KILL);
        throw new VmException(
            ErrorCode.QEMU_SPAWN_FAILED,
            "the TPM of " + vm.name() + " did not start",
            "what it said is in " + log);
      }
      TimeUnit.MILLISECONDS.sleep(1);
    }
  }

  private static List<String> command(Path program, QemuFiles files) {
    return List.of(
        program.toString(),
        "socket",
        "--tpm2",
        "--tpmstate",
        "dir=" + files.tpmDirectory() + ",mode=0600",
        "--ctrl",
        word(files),
        "--terminate");
  }

  private static String word(QemuFiles files) {
    return "type=unixio,path=" + files.tpmSocket() + ",mode=0600";
  }

  /** Ends what is left of it. Only for a VM whose QEMU is gone, or to go. */
  void end(VmHandle vm) throws InterruptedException {
    QemuFiles files = new QemuFiles(vm);
    if (!Files.exists(files.tpmSocket())) {
      return;
    }
    Optional<HostProcess> left = processes.search(List.of("--ctrl", word(files)));
    if (left.isPresent()) {
      processes.signal(left.get(), Signal.TERMINATE);
      if (!processes.awaitExit(left.get(), settings.end())) {
        processes.signal(left.get(), Signal.KILL);
      }
    }
    try {
      Files.deleteIfExists(files.tpmSocket());
    } catch (IOException e) {
      throw AtomicFiles.failure("remove", files.tpmSocket(), e);
    }
  }
}
