package dev.vmctl.hypervisor.qemu;

import dev.vmctl.host.HostFacts;
import dev.vmctl.host.HostProcess;
import dev.vmctl.host.HostProcesses;
import dev.vmctl.host.ProcessStart;
import dev.vmctl.host.Signal;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.ShareFacts;
import dev.vmctl.model.ShareSpec;
import dev.vmctl.model.ShareSpec.Via;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import java.util.stream.IntStream;
import java.util.stream.Stream;

/**
 * The programs that serve shared directories to guests, one each. They are started before QEMU,
 * live in sessions of their own as it does, and end by themselves when it does; what is left of
 * them is found by the path of its socket on its command line. Those that speak SFTP are started
 * once the guest can be reached, not by this, but ended here with the others.
 */
final class ShareServers {
  /** Where the distributions put it; the first is QEMU's own, in C, the others are in Rust. */
  private static final List<String> PLACES =
      List.of(
          "/usr/lib/qemu/virtiofsd", "/usr/libexec/virtiofsd", "/usr/lib/virtiofsd", "virtiofsd");

  private static final String INSTALL =
      "run vmctl as root, with virtiofsd installed (Debian 12: apt-get install qemu-system-common); or leave out 'via'";

  /** A read-only view of the directory that only the server sees: the guest is not trusted. */
  private static final String READ_ONLY =
      "mount --bind \"$1\" \"$1\" && mount -o remount,bind,ro \"$1\" && shift && exec \"$@\"";

  private final HostProcesses processes;
  private final HostFacts facts;
  private final QemuSettings settings;

  ShareServers(HostProcesses processes, HostFacts facts, QemuSettings settings) {
    this.processes = processes;
    this.facts = facts;
    this.settings = settings;
  }

  /**
   * How each declared directory will be shared.
   *
   * @throws VmException share.failed when one cannot be shared
   */
  List<ShareFacts> resolve(VmSpec spec) {
    List<ShareFacts> resolved = new ArrayList<>();
    for (ShareSpec share : spec.shares()) {
      if (!Files.isDirectory(share.host()) || !Files.isReadable(share.host())) {
        throw failed(
            share.host()
                + (Files.exists(share.host())
                    ? " is no directory that can be read"
                    : " does not exist"),
            "make the directory, or correct the path; it is tried again by itself");
      }
      resolved.add(
          new ShareFacts(
              ShareFacts.tag(resolved.size()),
              share.host(),
              share.guest(),
              share.readOnly(),
              via(share)));
    }
    return resolved;
  }

  private Via via(ShareSpec share) {
    boolean virtiofs = facts.userId() == 0 && server().isPresent();
    return switch (share.via()) {
      case AUTO -> virtiofs ? Via.VIRTIOFS : Via.PLAN9;
      case VIRTIOFS -> {
        if (!virtiofs) {
          throw failed("virtiofs cannot be used for " + share.host() + " here", INSTALL);
        }
        yield Via.VIRTIOFS;
      }
      case PLAN9 -> Via.PLAN9;
      case SFTP -> Via.SFTP;
    };
  }

  private Optional<Path> server() {
    return PLACES.stream().flatMap(place -> facts.findProgram(place).stream()).findFirst();
  }

  /** Starts those that are needed and waits until they listen. */
  void start(VmHandle vm, List<ShareFacts> shares) throws InterruptedException {
    end(vm);
    boolean started = false;
    try {
      for (ShareFacts share : shares) {
        if (share.via() == Via.VIRTIOFS) {
          start(vm, share);
        }
      }
      started = true;
    } finally {
      if (!started) {
        end(vm);
      }
    }
  }

  private void start(VmHandle vm, ShareFacts share) throws InterruptedException {
    Path socket = new QemuFiles(vm).shareSocket(share.tag());
    Path log = ShareFacts.log(vm.directory());
    Path program = server().orElseThrow(() -> failed("there is no virtiofsd", INSTALL));
    HostProcess process =
        processes.start(
            new ProcessStart(
                command(program, socket, share), log, "vmctl-" + vm.shortId() + "-" + share.tag()));
    long end = System.nanoTime() + settings.start().toNanos();
    while (!Files.exists(socket)) {
      if (!processes.isAlive(process) || System.nanoTime() - end > 0) {
        throw failed(
            "the server of " + share.host() + " did not start", "what it said is in " + log);
      }
      TimeUnit.MILLISECONDS.sleep(1);
    }
  }

  private List<String> command(Path program, Path socket, ShareFacts share) {
    List<String> command = new ArrayList<>();
    String directory = share.host().toString();
    if (share.readOnly()) {
      Path unshare =
          facts
              .findProgram("unshare")
              .orElseThrow(
                  () -> failed("there is no program 'unshare'", "apt-get install util-linux"));
      command.add(unshare.toString());
      command.addAll(List.of("--mount", "--propagation", "private", "--"));
      command.addAll(List.of("/bin/sh", "-c", READ_ONLY, "sh", directory));
    }
    command.add(program.toString());
    command.add("--socket-path=" + socket);
    if (program.startsWith("/usr/lib/qemu")) {
      // A comma would begin another option.
      String escaped = directory.replace("\\", "\\\\").replace(",", "\\,");
      command.addAll(List.of("-o", "source=" + escaped, "-o", "log_level=warn"));
    } else {
      command.add("--shared-dir=" + directory);
    }
    return command;
  }

  /** Ends what is left and removes the sockets. Only for a VM whose QEMU is gone, or to go. */
  void end(VmHandle vm) throws InterruptedException {
    for (Path socket : sockets(vm)) {
      List<HostProcess> left = processes(socket);
      for (HostProcess process : left) {
        processes.signal(process, Signal.TERMINATE);
      }
      for (HostProcess process : left) {
        if (!processes.awaitExit(process, settings.end())) {
          processes.signal(process, Signal.KILL);
        }
      }
      try {
        Files.deleteIfExists(socket);
      } catch (IOException e) {
        throw failed("cannot remove " + socket + ": " + e.getMessage(), "remove it by hand");
      }
    }
  }

  private static List<Path> sockets(VmHandle vm) {
    QemuFiles files = new QemuFiles(vm);
    return IntStream.range(0, ShareSpec.MOST)
        .mapToObj(ShareFacts::tag)
        .flatMap(tag -> Stream.of(files.shareSocket(tag), ShareFacts.pipe(vm.directory(), tag)))
        .filter(Files::exists)
        .toList();
  }

  private List<HostProcess> processes(Path socket) {
    List<String> words = List.of("--socket-path=" + socket, socket.toString());
    return ProcessHandle.allProcesses()
        .flatMap(handle -> processes.find(handle.pid()).stream())
        .filter(process -> processes.commandLine(process).stream().anyMatch(words::contains))
        .toList();
  }

  private static VmException failed(String message, String help) {
    return new VmException(ErrorCode.SHARE_FAILED, message, help);
  }
}
