package dev.vmctl.cli;

import dev.vmctl.api.TrashView;
import dev.vmctl.api.Vmctl;
import dev.vmctl.model.VmName;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code vmctl trash}. */
@Command(
    name = "trash",
    synopsisSubcommandLabel = "COMMAND",
    description = "Look after disks of VMs that were removed, reloaded or replaced.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl trash list",
      "  vmctl trash restore 20260131-120000-web",
      "  vmctl trash empty",
    })
final class TrashCommand implements Callable<Integer> {
  private final Session session;
  @Spec private CommandSpec spec = CommandSpec.create();

  TrashCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "a command is missing: list, restore or empty");
  }

  @Command(
      name = "list",
      description = "List what is in the trash, newest first.",
      footerHeading = "%nExamples:%n",
      footer = "  vmctl trash list -o json")
  int list(@Mixin OutputOption output) {
    output.format.requireOneOf(spec, OutputFormat.lists());
    List<TrashView> entries = session.read(Vmctl::trash);
    DataOutput data = output.data(session.terminal());
    switch (output.format) {
      case TABLE, WIDE, SARIF -> output.print(session.terminal(), table(entries));
      case JSON -> data.json(entries);
      case YAML -> data.yaml(entries);
      case NAME -> entries.forEach(entry -> session.terminal().out().println(entry.id()));
    }
    return ExitCode.DONE;
  }

  @Command(
      name = "restore",
      description = {
        "Bring an entry back.",
        "A whole VM is held stopped; a disk takes the place of the VM's present one, which goes to the trash."
      },
      footerHeading = "%nExamples:%n",
      footer = "  vmctl trash restore 20260131-120000-web && vmctl start web")
  int restore(@Parameters(paramLabel = "ID", description = "Of 'trash list'.") String id) {
    try (Vmctl vmctl = session.writing()) {
      VmName name = vmctl.restore(id);
      session.terminal().say(name + ": restored; 'vmctl start " + name + "' starts it");
      return ExitCode.DONE;
    }
  }

  @Command(
      name = "empty",
      description = "Delete entries for good.",
      footerHeading = "%nExamples:%n",
      footer = {"  vmctl trash empty", "  vmctl trash empty --yes 20260131-120000-web"})
  int empty(
      @Parameters(paramLabel = "ID", arity = "0..*", description = "Which. Default: all.")
          List<String> ids,
      @Option(
              names = {"-y", "--yes"},
              description = "Do not ask.")
          boolean yes) {
    List<String> chosen = ids == null ? List.of() : ids;
    try (Vmctl vmctl = session.writing()) {
      int wanted = chosen.isEmpty() ? vmctl.trash().size() : chosen.size();
      if (!yes
          && !Confirmation.asked(
              session.terminal(),
              Objects.requireNonNull(spec.subcommands().get("empty")).getCommandSpec(),
              "Delete " + entries(wanted) + " for good?")) {
        session.terminal().say("nothing was deleted");
        return ExitCode.FAILED;
      }
      int count = vmctl.emptyTrash(chosen);
      session.terminal().say("deleted " + entries(count));
      return ExitCode.DONE;
    }
  }

  private static TableText table(List<TrashView> entries) {
    TableText table = new TableText("ID", "VM", "KIND", "SINCE", "MIB", "REASON");
    for (TrashView entry : entries) {
      table.row(
          entry.id(),
          entry.vm(),
          entry.kind(),
          EventsCommand.seconds(entry.trashedAt()),
          Long.toString((entry.sizeBytes() + (1 << 20) - 1) >> 20),
          entry.reason());
    }
    return table;
  }

  private static String entries(int count) {
    return count + (count == 1 ? " entry" : " entries");
  }
}
