package dev.vmctl.cli;

import dev.vmctl.api.VmSummary;
import dev.vmctl.api.Vmctl;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code vmctl list}. */
@Command(
    name = "list",
    description = "List all VMs.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl list",
      "  vmctl list -o wide      where each is declared, too",
      "  vmctl list -o json      for programs; the fields are stable",
    })
final class ListCommand implements Callable<Integer> {
  private final Session session;
  @Spec private @Nullable CommandSpec spec;
  @Mixin private final OutputOption output = new OutputOption();

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
    List<VmSummary> vms = session.read(Vmctl::list);
    DataOutput data = new DataOutput(session.terminal().out());
    switch (output.format) {
      case TABLE, SARIF -> session.terminal().out().print(table(vms, false));
      case WIDE -> session.terminal().out().print(table(vms, true));
      case JSON -> data.json(vms);
      case YAML -> data.yaml(vms);
      case NAME -> vms.forEach(vm -> session.terminal().out().println(vm.name()));
    }
    return ExitCode.DONE;
  }

  private static String table(List<VmSummary> vms, boolean wide) {
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
            "SOURCE",
            "LABELS");
    int columns = wide ? heading.size() : heading.size() - 2;
    TableText table = new TableText(heading.subList(0, columns).toArray(String[]::new));
    for (VmSummary vm : vms) {
      table.row(cells(vm).subList(0, columns).toArray(String[]::new));
    }
    return table.text();
  }

  private static List<String> cells(VmSummary vm) {
    return List.of(
        vm.name(),
        vm.state(),
        yesOrNo(vm.ready()),
        vm.backend(),
        Integer.toString(vm.vcpus()),
        vm.memoryMb() + "M",
        vm.network(),
        orDash(vm.pid()),
        vm.address() == null || vm.sshPort() != null ? orDash(vm.sshPort()) : vm.address(),
        yesOrNo(vm.supervised()),
        vm.source(),
        vm.labels().isEmpty() ? "-" : labels(vm));
  }

  /** Such as {@code tier=web,zone=a}; empty without any. */
  static String labels(VmSummary vm) {
    return vm.labels().entrySet().stream()
        .map(label -> label.getKey() + "=" + label.getValue())
        .collect(Collectors.joining(","));
  }

  private static String yesOrNo(boolean so) {
    return so ? "yes" : "no";
  }

  private static String orDash(@Nullable Number number) {
    return number == null ? "-" : number.toString();
  }
}
