package dev.vmctl.hypervisor.qemu;

import dev.vmctl.host.HostFacts;
import dev.vmctl.host.HostProcess;
import dev.vmctl.host.HostProcesses;
import dev.vmctl.hypervisor.LaunchNote;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.LaunchFacts;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Finds the process of a VM without its help. A process is that of a VM only if its command line
 * names the VM's uuid.
 */
final class QemuProcesses {
  private final HostProcesses processes;
  private final HostFacts facts;
  private final LaunchNote note = new LaunchNote();

  QemuProcesses(HostProcesses processes, HostFacts facts) {
    this.processes = processes;
    this.facts = facts;
  }

  /**
   * By what was recorded or noted at the start, or the pid file; misses one without any of these.
   */
  Optional<HostProcess> findRecorded(VmHandle vm) {
    return Stream.of(fromFacts(vm.facts()), fromPidFile(vm), note.of(vm).flatMap(this::fromFacts))
        .flatMap(Optional::stream)
        .filter(process -> isOf(process, vm))
        .findFirst();
  }

  /**
   * As {@link #findRecorded}; and by looking at every process of the host where a start was begun
   * whose process nobody lived to record.
   */
  Optional<HostProcess> find(VmHandle vm) {
    return findRecorded(vm)
        .or(
            () ->
                note.isOfUnknownProcess(vm)
                    ? processes.search(List.of("-uuid", vm.uuid().toString()))
                    : Optional.empty());
  }

  List<String> commandLine(HostProcess process) {
    return processes.commandLine(process);
  }

  private Optional<HostProcess> fromFacts(@Nullable LaunchFacts last) {
    if (last == null || last.pid() < 1 || !last.bootId().equals(facts.bootId())) {
      return Optional.empty();
    }
    return Optional.of(new HostProcess(last.pid(), last.processStart())).filter(processes::isAlive);
  }

  private Optional<HostProcess> fromPidFile(VmHandle vm) {
    Path file = new QemuFiles(vm).pidFile();
    try {
      String text = Files.exists(file) ? Files.readString(file).strip() : "";
      return text.matches("[1-9]\\d{0,9}")
          ? processes.find(Long.parseLong(text))
          : Optional.empty();
    } catch (IOException e) {
      // It may have been removed this moment. Without it the other ways decide.
      return Optional.empty();
    }
  }

  private boolean isOf(HostProcess process, VmHandle vm) {
    if (isAdopted(process, vm)) {
      return true;
    }
    List<String> words = processes.commandLine(process);
    int uuid = words.indexOf("-uuid");
    return uuid >= 0 && uuid + 1 < words.size() && words.get(uuid + 1).equals(vm.uuid().toString());
  }

  /**
   * Whether it is the very process that was adopted: by its number, its start and the host's boot,
   * which together are no other's. Its command line need not name a uuid.
   */
  private static boolean isAdopted(HostProcess process, VmHandle vm) {
    LaunchFacts facts = vm.facts();
    return facts != null
        && facts.adopted() != null
        && process.pid() == facts.pid()
        && process.startTicks() == facts.processStart();
  }
}
