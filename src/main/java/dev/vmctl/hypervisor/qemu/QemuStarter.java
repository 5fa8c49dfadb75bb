package dev.vmctl.hypervisor.qemu;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmctl.host.HostFacts;
import dev.vmctl.host.HostProcess;
import dev.vmctl.host.HostProcesses;
import dev.vmctl.host.ProcessStart;
import dev.vmctl.host.Signal;
import dev.vmctl.hypervisor.GuestSnapshot;
import dev.vmctl.hypervisor.Launch;
import dev.vmctl.hypervisor.LaunchNote;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.Accel;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.ForwardSpec;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Starts QEMU and waits for its first answer. */
final class QemuStarter {
  private static final int PORT_ATTEMPTS = 5;
  private static final String PORT_CLASH = "Could not set up host forwarding rule";
  private static final int LOG_CHARACTERS = 2000;

  private final HostProcesses processes;
  private final HostFacts facts;
  private final QemuBinaries binaries;
  private final LaunchResolver resolver;
  private final QemuProcesses qemuProcesses;
  private final Forwards forwards;
  private final ShareServers shares;
  private final TpmServers tpms;
  private final QemuLinks links;
  private final QemuUser user;
  private final QemuSettings settings;
  private final LaunchNote note = new LaunchNote();

  QemuStarter(
      HostProcesses processes,
      HostFacts facts,
      QemuBinaries binaries,
      LaunchResolver resolver,
      QemuProcesses qemuProcesses,
      Forwards forwards,
      ShareServers shares,
      TpmServers tpms,
      QemuLinks links,
      QemuUser user,
      QemuSettings settings) {
    this.processes = processes;
    this.facts = facts;
    this.binaries = binaries;
    this.resolver = resolver;
    this.qemuProcesses = qemuProcesses;
    this.forwards = forwards;
    this.shares = shares;
    this.tpms = tpms;
    this.links = links;
    this.user = user;
    this.settings = settings;
  }

  LaunchFacts start(Launch launch) throws InterruptedException {
    VmHandle vm = launch.vm();
    QemuBinary binary = binaries.current();
    KvmVerdict accelerator = resolver.accelerator(launch.spec(), binary);
    refuseSecond(vm);
    refuseOtherAccelerator(launch, accelerator);
    List<ForwardSpec> own = launch.spec().forwards();
    int port = firstPort(launch.previous(), own);
    for (int attempt = 1; ; attempt++) {
      QemuMachine machine = resolver.resolve(launch, binary, accelerator, port);
      try {
        return startOnce(launch, binary, machine, accelerator.reason());
      } catch (VmException e) {
        if (!e.getMessage().contains(PORT_CLASH)) {
          throw e;
        }
        Optional<ForwardSpec> declared = Forwards.named(own, e.getMessage());
        if (declared.isPresent()) {
          throw forwards.taken(declared.get(), e);
        }
        if (attempt == PORT_ATTEMPTS) {
          throw new VmException(
              ErrorCode.PORT_TAKEN,
              "no port for the guest's SSH after " + attempt + " attempts: " + e.getMessage(),
              "close programs that listen on many ports of 127.0.0.1",
              e);
        }
        port = freePort(own);
      }
    }
  }

  /** What a processor was made of on one is nothing to the other. */
  private static void refuseOtherAccelerator(Launch launch, KvmVerdict accelerator) {
    Accel now = accelerator.usable() ? Accel.KVM : Accel.TCG;
    LaunchFacts then = launch.previous();
    if (launch.memory() != null && then != null && then.accel() != null && then.accel() != now) {
      throw QemuSnapshots.unusable(
          launch.vm().name(),
          "it ran with " + then.accel().text() + ", this host has " + now.text() + " now");
    }
  }

  /** A second QEMU would take over the sockets of the first before the disk's lock stopped it. */
  private void refuseSecond(VmHandle vm) {
    qemuProcesses
        .find(vm)
        .ifPresent(
            process -> {
              throw new VmException(
                  ErrorCode.VM_INVALID_STATE,
                  vm.name() + " runs already, as process " + process.pid(),
                  "stop it first");
            });
  }

  /** The port of the last time where there was one: people write it into their SSH settings. */
  private int firstPort(@Nullable LaunchFacts previous, List<ForwardSpec> forwards) {
    Integer last = previous == null ? null : previous.sshPort();
    return last == null || Forwards.take(forwards, last) ? freePort(forwards) : last;
  }

  private int freePort(List<ForwardSpec> forwards) {
    int port = facts.freeTcpPort();
    while (Forwards.take(forwards, port)) {
      port = facts.freeTcpPort();
    }
    return port;
  }

  private LaunchFacts startOnce(
      Launch launch, QemuBinary binary, QemuMachine machine, String accelReason)
      throws InterruptedException {
    VmHandle vm = launch.vm();
    String lesser = user.name();
    QemuFiles files = new QemuFiles(vm);
    files.prepare();
    files.clear();
    links.drop(vm);
    if (machine.tpm()) {
      tpms.start(vm);
    }
    shares.start(vm, machine.shares());
    note.write(vm, facts(machine, accelReason, null, 0, 0));
    List<String> words = new ArrayList<>(QemuCommandLine.of(binary, vm, machine, lesser));
    if (launch.memory() != null) {
      words.add("-S");
    }
    HostProcess process =
        processes.start(new ProcessStart(words, files.qemuLog(), "vmctl-" + vm.shortId()));
    note.write(vm, facts(machine, accelReason, null, process.pid(), process.startTicks()));
    boolean started = false;
    try {
      QemuLink link = awaitAnswer(vm, files, process);
      String vnc = vnc(link.execute("query-vnc", settings.answer()));
      if (machine.memoryMb() < machine.maxMemoryMb()) {
        // Remembered until the guest's driver asks, also after a reboot of the guest.
        link.execute("balloon", Map.of("value", machine.memoryMb() << 20), settings.answer());
      }
      if (launch.memory() != null) {
        new QemuSnapshots(link, settings.answer())
            .load(vm.name(), new GuestSnapshot(launch.memory(), launch.disks(), true));
      }
      started = true;
      return facts(machine, accelReason, vnc, process.pid(), process.startTicks());
    } catch (VmException e) {
      throw died(process) ? spawnFailed(files, e) : e;
    } finally {
      if (!started) {
        links.drop(vm);
        processes.signal(process, Signal.KILL);
        processes.awaitExit(process, settings.end());
        shares.end(vm);
        tpms.end(vm);
        files.clear();
      }
    }
  }

  private QemuLink awaitAnswer(VmHandle vm, QemuFiles files, HostProcess process)
      throws InterruptedException {
    long end = System.nanoTime() + settings.start().toNanos();
    while (true) {
      if (Files.exists(files.engineSocket())) {
        try {
          return links.get(vm, settings.start());
        } catch (VmException e) {
          // Between bind and listen, or on its way down: the next rounds tell which.
          if (e.code() != ErrorCode.QMP_CONNECT_FAILED) {
            throw e;
          }
        }
      }
      if (!processes.isAlive(process)) {
        throw spawnFailed(files, null);
      }
      if (System.nanoTime() - end > 0) {
        throw new VmException(
            ErrorCode.QMP_TIMEOUT,
            "QEMU opened no control socket within " + settings.start().toMillis() + " ms",
            "the host may be overloaded; see " + files.qemuLog());
      }
      TimeUnit.MILLISECONDS.sleep(1);
    }
  }

  /** A connection that breaks off comes a moment before the process is seen to have ended. */
  private boolean died(HostProcess process) throws InterruptedException {
    return processes.awaitExit(process, Duration.ofMillis(200));
  }

  private VmException spawnFailed(QemuFiles files, @Nullable VmException cause) {
    if (cause != null && cause.code() == ErrorCode.QEMU_SPAWN_FAILED) {
      return cause;
    }
    String said = tail(files.qemuLog());
    return new VmException(
        ErrorCode.QEMU_SPAWN_FAILED,
        "QEMU did not start: " + (said.isEmpty() ? "it said nothing" : said),
        "the whole text is in " + files.qemuLog(),
        cause);
  }

  private static String tail(Path log) {
    try {
      String text = Files.readString(log, StandardCharsets.ISO_8859_1).strip();
      return text.substring(Math.max(text.length() - LOG_CHARACTERS, 0));
    } catch (IOException e) {
      return "(its log cannot be read: " + e.getMessage() + ")";
    }
  }

  private LaunchFacts facts(
      QemuMachine machine, String accelReason, @Nullable String vnc, long pid, long startTicks) {
    return new LaunchFacts(
        machine.type(),
        machine.cpu(),
        machine.accel(),
        accelReason,
        machine.vcpus(),
        machine.memoryMb(),
        machine.sshPort(),
        vnc,
        pid,
        startTicks,
        facts.bootId(),
        machine.shares(),
        machine.cards().stream().map(QemuCard::facts).toList(),
        machine.room(),
        null);
  }

  /** What the start of the process that runs now found out, also when nobody lived to be told. */
  Optional<LaunchFacts> recall(VmHandle vm) throws InterruptedException {
    Optional<HostProcess> process = qemuProcesses.find(vm);
    if (process.isEmpty()) {
      return Optional.empty();
    }
    String vnc = vnc(links.get(vm, settings.answer()).execute("query-vnc", settings.answer()));
    return note.read(vm, process.get(), vnc);
  }

  private static @Nullable String vnc(JsonNode answer) {
    return answer.path("enabled").asBoolean()
        ? answer.path("host").asText() + ":" + answer.path("service").asText()
        : null;
  }
}
