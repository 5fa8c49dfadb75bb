package dev.vmctl.hypervisor.bhyve;

import dev.vmctl.host.HostFacts;
import dev.vmctl.host.HostProcess;
import dev.vmctl.host.HostProcesses;
import dev.vmctl.hypervisor.LaunchNote;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.LaunchFacts;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** Finds the processes of a VM. */
final class BhyveProcesses {
  private final HostProcesses processes;
  private final HostFacts facts;
  private final LaunchNote note = new LaunchNote();

  BhyveProcesses(HostProcesses processes, HostFacts facts) {
    this.processes = processes;
    this.facts = facts;
  }

  /** The process to wait for: the keeper, else a bhyve that has lost it. */
  Optional<HostProcess> find(VmHandle vm) {
    return keeper(vm).or(() -> guest(vm));
  }

  /** The keeper, which names the VM's uuid in its command line. */
  Optional<HostProcess> keeper(VmHandle vm) {
    List<String> identity = Keeper.identity(vm);
    return Stream.of(fromFacts(vm.facts()), note.of(vm).flatMap(this::fromFacts))
        .flatMap(Optional::stream)
        .filter(
            process -> Collections.indexOfSubList(processes.commandLine(process), identity) >= 0)
        .findFirst()
        .or(() -> note.isOfUnknownProcess(vm) ? processes.search(identity) : Optional.empty());
  }

  /** bhyve itself: it calls itself {@code bhyve: NAME}. */
  Optional<HostProcess> guest(VmHandle vm) {
    return BhyveFiles.number(new BhyveFiles(vm).guestPid())
        .flatMap(processes::find)
        .filter(process -> isGuest(processes.commandLine(process), vm));
  }

  private static boolean isGuest(List<String> words, VmHandle vm) {
    return words.size() > 1
        && words.get(0).endsWith("bhyve:")
        && words.get(1).equals(vm.name().value());
  }

  private Optional<HostProcess> fromFacts(@Nullable LaunchFacts last) {
    if (last == null || last.pid() < 1 || !last.bootId().equals(facts.bootId())) {
      return Optional.empty();
    }
    return Optional.of(new HostProcess(last.pid(), last.processStart())).filter(processes::isAlive);
  }
}
