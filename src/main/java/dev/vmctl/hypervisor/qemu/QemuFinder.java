package dev.vmctl.hypervisor.qemu;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmctl.host.HostFacts;
import dev.vmctl.host.HostProcess;
import dev.vmctl.host.HostProcesses;
import dev.vmctl.hypervisor.FoundDisk;
import dev.vmctl.hypervisor.FoundMachine;
import dev.vmctl.hypervisor.Observation;
import dev.vmctl.model.Accel;
import dev.vmctl.model.AdoptedProcess;
import dev.vmctl.model.CardFacts;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.ForwardSpec;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.VmException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Asks a QEMU that others have started what it is. */
final class QemuFinder {
  private static final int SSH = 22;

  private final HostProcesses processes;
  private final HostFacts facts;

  QemuFinder(HostProcesses processes, HostFacts facts) {
    this.processes = processes;
    this.facts = facts;
  }

  /**
   * @param disk which is the root disk; null when it has one only
   * @throws VmException qmp.connect_failed, qmp.timeout; vm.invalid_state
   */
  FoundMachine find(Path control, @Nullable Path disk, Duration deadline)
      throws InterruptedException {
    // Before the look itself: it takes the place of a client for a moment.
    HostProcess process = processes.listener(control).orElseThrow(() -> nobody(control));
    try (QemuLink link = QemuLink.open(control, deadline, () -> {})) {
      return new Asking(control, process, link, deadline).machine(disk);
    } catch (VmException e) {
      throw e.code() == ErrorCode.QMP_TIMEOUT ? silent(control, process, e) : e;
    }
  }

  boolean isListening(Path control) {
    return processes.listener(control).isPresent();
  }

  private static VmException nobody(Path control) {
    return new VmException(
        ErrorCode.QMP_CONNECT_FAILED,
        "nobody listens at " + control,
        "name the QMP socket of a QEMU that runs: -qmp unix:PATH,server=on,wait=off");
  }

  /** A QEMU serves one client per socket; who comes second is not even greeted. */
  private static VmException silent(Path control, HostProcess process, VmException cause) {
    return new VmException(
        ErrorCode.QMP_TIMEOUT,
        "process "
            + process.pid()
            + " does not answer at "
            + control
            + ": another program is connected there, or it hangs",
        "end that program; or give the QEMU a second QMP socket, and name that",
        cause);
  }

  /** One look at one machine. */
  private final class Asking {
    private final Path control;
    private final HostProcess process;
    private final QemuLink link;
    private final Duration deadline;
    private final List<String> words;
    private final Path directory;
    private final List<String> notes = new ArrayList<>();

    Asking(Path control, HostProcess process, QemuLink link, Duration deadline) {
      this.control = control;
      this.process = process;
      this.link = link;
      this.deadline = deadline;
      words = processes.commandLine(process);
      directory = processes.directory(process).orElse(Path.of("/"));
    }

    FoundMachine machine(@Nullable Path disk) throws InterruptedException {
      boolean frozen = isFrozen();
      FoundBlocks blocks = FoundBlocks.of(link.execute("query-block", deadline), directory);
      FoundCards cards = FoundCards.of(monitor("info network"));
      List<ForwardSpec> forwards = UsernetText.all(monitor("info usernet"));
      Integer ssh =
          forwards.stream()
              .filter(QemuFinder::leadsToSsh)
              .map(ForwardSpec::hostPort)
              .findFirst()
              .orElse(null);
      List<FoundDisk> disks = blocks.writable();
      FoundDisk root = blocks.root(disk);
      notes.addAll(blocks.notes());
      notes.addAll(cards.notes());
      if (option("-bios").isPresent()) {
        notes.add("its own firmware (-bios): vmctl starts it with QEMU's");
      }
      return new FoundMachine(
          facts(cards, ssh),
          frozen,
          cards.mac(),
          cards.network(),
          forwards.stream().filter(each -> !isPort(each, ssh)).toList(),
          root,
          disks.stream().filter(each -> !each.equals(root)).toList(),
          blocks.seed(),
          blocks.variables(),
          file("-kernel"),
          file("-initrd"),
          option("-append").orElse(null),
          notes);
    }

    private boolean isFrozen() throws InterruptedException {
      String status = link.status(deadline);
      return switch (RunState.observation(status, process.pid())) {
        case Observation.Running running -> false;
        case Observation.Suspended suspended -> true;
        case Observation.Exited exited -> throw notNow(status);
        case Observation.Absent absent -> throw notNow(status);
        case Observation.Unknown unknown -> throw notNow(status);
      };
    }

    private VmException notNow(String status) {
      return new VmException(
          ErrorCode.VM_INVALID_STATE,
          "the machine at " + control + " cannot be adopted: its run state is '" + status + "'",
          "end it or start it again, then adopt it");
    }

    private LaunchFacts facts(FoundCards cards, @Nullable Integer ssh) throws InterruptedException {
      boolean kvm = link.execute("query-kvm", deadline).path("enabled").asBoolean();
      JsonNode vnc = link.execute("query-vnc", deadline);
      return new LaunchFacts(
          property("/machine", "type").replaceFirst("-machine$", ""),
          processor(),
          kvm ? Accel.KVM : Accel.TCG,
          "as it was when it was adopted",
          RunningMachine.vcpus(link, deadline),
          RunningMachine.plugged(link, deadline) >> 20,
          ssh,
          vnc.path("enabled").asBoolean()
              ? vnc.path("host").asText() + ":" + vnc.path("service").asText()
              : null,
          process.pid(),
          process.startTicks(),
          QemuFinder.this.facts.bootId(),
          List.of(),
          cards.mac() == null
              ? List.of()
              : List.of(new CardFacts(cards.mac(), cards.network(), cards.device())),
          null,
          new AdoptedProcess(
              link.execute("query-uuid", deadline).path("UUID").asText(),
              control,
              socket("serial0"),
              agent()));
    }

    private String processor() throws InterruptedException {
      String path = link.execute("query-cpus-fast", deadline).path(0).path("qom-path").asText();
      return property(path, "type").replaceFirst("-(x86_64|i386|arm|aarch64)-cpu$", "");
    }

    private String property(String path, String name) throws InterruptedException {
      return link.execute("qom-get", Map.of("path", path, "property", name), deadline).asText();
    }

    private String monitor(String command) throws InterruptedException {
      return link.execute("human-monitor-command", Map.of("command-line", command), deadline)
          .asText();
    }

    private @Nullable Path agent() throws InterruptedException {
      Optional<String> label = QtreeText.agentChannel(monitor("info qtree"));
      return label.isPresent() ? socket(label.get()) : null;
    }

    /** Where the character device of this name listens; null when that is no socket of a file. */
    private @Nullable Path socket(String label) throws InterruptedException {
      for (JsonNode each : link.execute("query-chardev", deadline)) {
        if (each.path("label").asText().equals(label)) {
          return QtreeText.listening(each.path("filename").asText())
              .map(directory::resolve)
              .orElse(null);
        }
      }
      return null;
    }

    private Optional<String> option(String name) {
      int place = words.indexOf(name);
      return place >= 0 && place + 1 < words.size()
          ? Optional.of(words.get(place + 1))
          : Optional.empty();
    }

    private @Nullable Path file(String option) {
      return option(option).map(directory::resolve).orElse(null);
    }
  }

  private static boolean leadsToSsh(ForwardSpec forward) {
    return forward.protocol() == ForwardSpec.Protocol.TCP && forward.guestPort() == SSH;
  }

  private static boolean isPort(ForwardSpec forward, @Nullable Integer ssh) {
    return ssh != null && leadsToSsh(forward) && forward.hostPort() == ssh;
  }
}
