package dev.vmctl.cli;

import dev.vmctl.api.VmSummary;
import dev.vmctl.api.Vmctl;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code vmctl list}. */
@Command(
    name = "list",
    description = "List VMs: all, those named, or those with the labels.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl list",
      "  vmctl list -l tier=front       those with this label",
      "  vmctl list -o wide             where each is declared, and whether that is in force",
      "  vmctl list -o json             for programs; the fields are stable",
      "  vmctl list --watch             go on as they change, until Ctrl-C",
      "  vmctl list -o jsonpath='{range [*]}{.name}{\"\\t\"}{.state}{\"\\n\"}{end}'",
    })
final class ListCommand implements Callable<Integer> {
  private final Session session;
  @Spec private @Nullable CommandSpec spec;
  @Mixin private final OutputOption output = new OutputOption();

  /** Null where the line was plain: all VMs. */
  @Mixin private @Nullable VmSelection selection;

  @Option(
      names = {"-w", "--watch"},
      description = "Go on as they change, until Ctrl-C: each VM that does, again.")
  private boolean watch;

  ListCommand(Session session) {
    this.session = session;
  }

  /** As if {@code format} had been written on the command line. */
  ListCommand(Session session, OutputFormat format) {
    this(session);
    output.format = format;
  }

  OutputFormat format() {
    return output.format;
  }

  @Override
  public Integer call() {
    if (spec != null) { // else QuickList took care
      output.format.requireOneOf(spec, OutputFormat.lists());
    }
    VmSelection chosen = selection;
    if (chosen != null && (watch || !chosen.isOpen())) {
      return session.read(vmctl -> new ListQuery(session, this, chosen).run(vmctl, watch));
    }
    List<VmSummary> vms = session.read(Vmctl::list);
    print(vms);
    if (vms.isEmpty()) {
      tellEmpty();
    }
    return ExitCode.DONE;
  }

  void print(List<VmSummary> vms) {
    Terminal terminal = session.terminal();
    switch (output.format) {
      case TABLE, WIDE, SARIF -> output.print(terminal, table(vms));
      case JSON -> output.data(terminal).json(vms);
      case YAML -> output.data(terminal).yaml(vms);
      case NAME -> vms.forEach(vm -> terminal.out().println(vm.name()));
    }
  }

  OutputOption output() {
    return output;
  }

  /** Who sees nothing may look in the wrong place. */
  private void tellEmpty() {
    Path system = session.surroundings().systemDataDirectory();
    boolean forPeople = output.format == OutputFormat.TABLE || output.format == OutputFormat.WIDE;
    if (forPeople && !session.dataDirectory().equals(system) && Files.exists(system)) {
      session
          .terminal()
          .say(
              "none in "
                  + session.dataDirectory()
                  + "; the system has its own: vmctl list --system");
    }
  }

  TableText table(List<VmSummary> vms) {
    List<String> heading =
        List.of(
            "NAME",
            "STATE",
            "READY",
            "BACKEND",
            "VCPUS",
            "MEM",
            "NETWORK",
            "PID",
            "SSH",
            "SUPERVISED",
            "SYNC",
            "SOURCE",
            "LABELS");
    int columns = output.format == OutputFormat.WIDE ? heading.size() : heading.size() - 3;
    TableText table = new TableText(heading.subList(0, columns).toArray(String[]::new));
    for (VmSummary vm : vms) {
      table.row(cells(vm).subList(0, columns).toArray(String[]::new));
    }
    return table;
  }

  private static List<String> cells(VmSummary vm) {
    return List.of(
        vm.name(),
        // Where its file is not in force, that is the first thing to know.
        vm.pinned() == null ? vm.state() : vm.state() + ",pinned",
        yesOrNo(vm.ready()),
        vm.backend(),
        Integer.toString(vm.vcpus()),
        vm.memoryMb() + "M",
        vm.network(),
        orDash(vm.pid()),
        vm.address() == null || vm.sshPort() != null ? orDash(vm.sshPort()) : vm.address(),
        yesOrNo(vm.supervised()),
        sync(vm),
        vm.source(),
        vm.labels().isEmpty() ? "-" : labels(vm));
  }

  /** Such as {@code tier=web,zone=a}; empty without any. */
  static String labels(VmSummary vm) {
    return vm.labels().entrySet().stream()
        .map(label -> label.getKey() + "=" + label.getValue())
        .collect(Collectors.joining(","));
  }

  /** Whether what its file declares is in force. */
  private static String sync(VmSummary vm) {
    if (vm.pinned() != null) {
      return "pinned:" + vm.pinned();
    }
    return vm.outOfSync() ? "OutOfSync" : "yes";
  }

  private static String yesOrNo(boolean so) {
    return so ? "yes" : "no";
  }

  private static String orDash(@Nullable Number number) {
    return number == null ? "-" : number.toString();
  }
}
