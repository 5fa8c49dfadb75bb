package dev.vmctl.cli;

import dev.vmctl.api.HistoryView;
import dev.vmctl.api.HistoryView.GenerationView;
import dev.vmctl.api.PlanView;
import dev.vmctl.model.VmName;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Collectors;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code vmctl history}. */
@Command(
    name = "history",
    description = {
      "Show what a VM was declared to be before, the newest first.",
      "A generation is one edit of its VMFile; the last 20 are kept, without secrets."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl history web",
      "  vmctl history web -o json",
      "  vmctl diff web 3                 what has changed since generation 3",
      "  vmctl rollback web --to 3        back to it",
    })
final class HistoryCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private final OutputOption output = new OutputOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "NAME", description = "The VM.")
  private VmName name = new VmName("unset");

  HistoryCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    output.format.requireOneOf(
        spec, OutputFormat.TABLE, OutputFormat.WIDE, OutputFormat.JSON, OutputFormat.YAML);
    HistoryView history = session.read(vmctl -> vmctl.history(name));
    switch (output.format) {
      case JSON -> output.data(session.terminal()).json(history);
      case YAML -> output.data(session.terminal()).yaml(history);
      case TABLE, WIDE, NAME, SARIF -> output.print(session.terminal(), table(history));
    }
    return ExitCode.DONE;
  }

  private TableText table(HistoryView history) {
    boolean wide = output.format == OutputFormat.WIDE;
    TableText table =
        wide
            ? new TableText("GENERATION", "SINCE", "STATE", "CHANGED", "IMAGE", "DECLARED AT")
            : new TableText("GENERATION", "SINCE", "STATE", "CHANGED");
    for (GenerationView each : history.generations()) {
      List<String> cells =
          new ArrayList<>(
              List.of(
                  Long.toString(each.generation()),
                  EventsCommand.seconds(each.changedAt()),
                  state(each),
                  changed(each)));
      if (wide) {
        cells.add(each.imageDigest() == null ? "-" : each.imageDigest());
        cells.add(
            (each.declaredAt() == null ? "-" : each.declaredAt())
                + (each.revision() == null ? "" : " " + each.revision()));
      }
      table.row(cells.toArray(String[]::new));
    }
    return table;
  }

  private static String state(GenerationView each) {
    List<String> words = new ArrayList<>();
    if (each.current()) {
      words.add("current");
    }
    if (!each.applied()) {
      words.add("not applied");
    }
    if (each.rollbackOf() != null) {
      words.add("rollback to " + each.rollbackOf());
    }
    if (each.trashed() != null) {
      words.add("disk in the trash");
    }
    return words.isEmpty() ? "-" : String.join(", ", words);
  }

  private static String changed(GenerationView each) {
    return each.changes().isEmpty()
        ? "-"
        : each.changes().stream().map(PlanView.FieldChange::path).collect(Collectors.joining(", "));
  }
}
