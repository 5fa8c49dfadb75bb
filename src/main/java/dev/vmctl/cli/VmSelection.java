package dev.vmctl.cli;

import dev.vmctl.api.VmStatus;
import dev.vmctl.api.VmSummary;
import dev.vmctl.api.Vmctl;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.util.ArrayList;
import java.util.LinkedHashSet;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** Which VMs a command is for: by their names, by their labels, or all there are. */
final class VmSelection {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command = CommandSpec.create();

  @Parameters(paramLabel = "NAME", arity = "0..*", description = "The VMs.")
  private List<VmName> names = List.of();

  private @Nullable LabelSelector selector;

  @Option(names = "--all", description = "All there are.")
  private boolean all;

  @Option(
      names = {"-l", "--selector"},
      paramLabel = "LABELS",
      description = "Those with these labels: key=value, key!=value, key, !key, with commas.")
  void select(@Nullable String labels) {
    selector = labels == null ? null : LabelSelector.parse(labels);
  }

  /**
   * What was found.
   *
   * @param vms in the order they were named, else by name
   * @param missing those that were named and are not there; said to the person already
   */
  record Chosen(List<VmSummary> vms, List<VmName> missing) {
    Chosen {
      vms = List.copyOf(vms);
      missing = List.copyOf(missing);
    }

    Set<VmName> names() {
      return vms.stream()
          .map(vm -> new VmName(vm.name()))
          .collect(Collectors.toCollection(LinkedHashSet::new));
    }

    /** The same goal for each. */
    Map<VmName, Goal> goals(Goal goal) {
      return names().stream().collect(Collectors.toMap(Function.identity(), name -> goal));
    }

    /** The exit code of a command that ended with {@code code} for those that are there. */
    int code(int code) {
      return code == ExitCode.DONE && !missing.isEmpty() ? ExitCode.FAILED : code;
    }
  }

  /** Whether nothing at all was said. */
  boolean isOpen() {
    return names.isEmpty() && selector == null && !all;
  }

  /** Whether the VMs are named one by one. */
  boolean isNamed() {
    return !names.isEmpty();
  }

  /** Whether one VM is asked for by its name. */
  boolean isOneName() {
    return names.size() == 1;
  }

  /** Whether a VM's labels are those that are asked for. */
  boolean matches(VmSummary vm) {
    return selector == null || selector.matches(vm.labels());
  }

  /** Refuses, as a wrong use of the command, to say nothing, or two things at once. */
  void require() {
    if (isOpen()) {
      throw new ParameterException(
          command.commandLine(), "which VMs? Name them, or say -l LABELS or --all");
    }
    requireOneWay();
  }

  private void requireOneWay() {
    int ways = (names.isEmpty() ? 0 : 1) + (selector == null ? 0 : 1) + (all ? 1 : 0);
    if (ways > 1) {
      throw new ParameterException(
          command.commandLine(), "name VMs, or say -l LABELS or --all: one of the three");
    }
  }

  /**
   * Looks them up; nothing said means all. Those that are missing are told with what is near them,
   * and the command goes on with the others.
   */
  Chosen choose(Vmctl vmctl, Session session) {
    requireOneWay();
    if (names.isEmpty()) {
      return new Chosen(selected(vmctl.list(), session.terminal()), List.of());
    }
    List<VmStatus> found = new ArrayList<>();
    List<VmName> missing = new ArrayList<>();
    for (VmName name : new LinkedHashSet<>(names)) {
      try {
        found.add(vmctl.status(name));
      } catch (VmException unknown) {
        missing.add(name);
        new ErrorText(session.terminal()).failed(unknown, session.globals().verbose);
      }
    }
    return new Chosen(found.stream().map(VmStatus::summary).toList(), missing);
  }

  /** Those that are there; of the others nothing is said. */
  Chosen chooseThose(Vmctl vmctl) {
    requireOneWay();
    return new Chosen(
        vmctl.list().stream()
            .filter(vm -> names.isEmpty() || names.contains(new VmName(vm.name())))
            .filter(this::matches)
            .toList(),
        List.of());
  }

  private List<VmSummary> selected(List<VmSummary> there, Terminal terminal) {
    LabelSelector wanted = selector;
    if (wanted == null) {
      return there;
    }
    List<VmSummary> found = there.stream().filter(vm -> wanted.matches(vm.labels())).toList();
    if (found.isEmpty()) {
      terminal.say("no VM has the labels " + wanted.text());
    }
    return found;
  }
}
