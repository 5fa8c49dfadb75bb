package dev.vmctl.hypervisor.qemu;

import dev.vmctl.host.AppendedLog;
import dev.vmctl.host.AtomicFiles;
import dev.vmctl.host.Log;
import dev.vmctl.host.LogTimes;
import dev.vmctl.hypervisor.LaunchNote;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.AdoptedProcess;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.ShareFacts;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Instant;
import java.util.List;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Where the files of one VM are. QEMU serves one client per QMP socket, so there are three: for the
 * engine, for bystanders, and for people.
 */
record QemuFiles(VmHandle vm) {
  /** So long a log may become before its older half is dropped, in bytes. */
  static final long LONGEST_LOG = 16L << 20;

  private static final System.Logger LOG = Log.of(QemuFiles.class);

  /** What the kernel takes as the address of a unix socket, in bytes, without the final zero. */
  private static final int LONGEST_SOCKET = 107;

  /**
   * Of a process that others have started: it has one control socket only, and no place of ours.
   */
  @Nullable AdoptedProcess adopted() {
    LaunchFacts facts = vm.facts();
    return facts == null ? null : facts.adopted();
  }

  Path engineSocket() {
    AdoptedProcess other = adopted();
    return other == null ? vm.runFile("qmp.sock") : other.control();
  }

  Path readSocket() {
    AdoptedProcess other = adopted();
    return other == null ? vm.runFile("read.sock") : other.control();
  }

  Path peopleSocket() {
    return vm.runFile("people.sock");
  }

  Path serialSocket() {
    return vm.runFile("serial.sock");
  }

  Path agentSocket() {
    return vm.runFile("agent.sock");
  }

  /** Where the server of a shared directory listens. */
  Path shareSocket(String tag) {
    return vm.runFile(tag + ".sock");
  }

  Path pidFile() {
    return vm.runFile("pid");
  }

  /** What the guest wrote to its serial port; the last of it when that is much. */
  Path consoleLog() {
    return vm.directory().resolve("console.log");
  }

  /** What QEMU itself said since its last start. */
  Path qemuLog() {
    return vm.directory().resolve("qemu.log");
  }

  Path uefiVariables() {
    return vm.directory().resolve("efivars.fd");
  }

  Path secureVariables() {
    return vm.directory().resolve("efivars-secure.fd");
  }

  /** Where the VM's TPM remembers. */
  Path tpmDirectory() {
    return vm.directory().resolve("tpm");
  }

  /** Where the VM's TPM listens. */
  Path tpmSocket() {
    return vm.runFile("tpm.sock");
  }

  /** Ours, never those of a process that others have started. */
  private List<Path> sockets() {
    return Stream.of("qmp.sock", "read.sock", "people.sock", "serial.sock", "agent.sock")
        .map(vm::runFile)
        .toList();
  }

  /** Makes what QEMU needs before it starts, and sets the log of the last start aside. */
  void prepare() {
    for (Path socket : sockets()) {
      if (socket.toString().getBytes(StandardCharsets.UTF_8).length > LONGEST_SOCKET) {
        throw new VmException(
            ErrorCode.QEMU_SPAWN_FAILED,
            "the path of a socket is too long: " + socket,
            "use a data directory with a shorter path");
      }
    }
    try {
      Files.createDirectories(vm.runDirectory());
      if (Files.exists(qemuLog())) {
        setAside(qemuLog());
      }
      if (Files.exists(consoleLog()) && Files.size(consoleLog()) > LONGEST_LOG) {
        setAside(consoleLog());
      }
    } catch (IOException e) {
      throw AtomicFiles.failure("prepare", vm.runDirectory(), e);
    }
  }

  private static void setAside(Path log) throws IOException {
    LogTimes.of(log).forget();
    Files.move(
        log, log.resolveSibling(log.getFileName() + ".1"), StandardCopyOption.REPLACE_EXISTING);
  }

  /** Keeps the logs that a running QEMU writes from growing without end, and notes the time. */
  void keepLogs(Instant now) {
    for (Path log : List.of(consoleLog(), qemuLog(), ShareFacts.log(vm.directory()))) {
      try {
        AppendedLog.bound(log, LONGEST_LOG);
        LogTimes.of(log).mark(now);
      } catch (IOException e) {
        LOG.log(
            System.Logger.Level.WARNING, "a log is not kept as it should be: {0}", e.getMessage());
      }
    }
  }

  /** Removes sockets and pid file. Only for a VM whose process is gone. */
  void clear() {
    try {
      for (Path socket : sockets()) {
        Files.deleteIfExists(socket);
      }
      Files.deleteIfExists(pidFile());
      Files.deleteIfExists(LaunchNote.file(vm));
    } catch (IOException e) {
      throw AtomicFiles.failure("clear", vm.runDirectory(), e);
    }
  }
}
