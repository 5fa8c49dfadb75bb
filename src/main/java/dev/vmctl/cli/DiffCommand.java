package dev.vmctl.cli;

import dev.vmctl.api.DiffView;
import dev.vmctl.model.VmName;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code vmctl diff}. */
@Command(
    name = "diff",
    description = "Show how a VM is declared now, against a past generation.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl diff web                   against the generation before",
      "  vmctl diff web 3",
      "  vmctl diff web 3 -o json",
    })
final class DiffCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private final OutputOption output = new OutputOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(index = "0", paramLabel = "NAME", description = "The VM.")
  private VmName name = new VmName("unset");

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "GENERATION",
      description = "Of 'vmctl history'. Default: the one before.")
  private @Nullable Long generation;

  DiffCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    output.format.requireOneOf(spec, OutputFormat.TABLE, OutputFormat.JSON, OutputFormat.YAML);
    DiffView diff = session.read(vmctl -> vmctl.diff(name, generation));
    switch (output.format) {
      case JSON -> output.data(session.terminal()).json(diff);
      case YAML -> output.data(session.terminal()).yaml(diff);
      case TABLE, WIDE, NAME, SARIF -> session.terminal().out().print(text(diff));
    }
    return ExitCode.DONE;
  }

  private static String text(DiffView diff) {
    StringBuilder text = new StringBuilder();
    text.append(diff.vm()).append(": generation ").append(diff.from());
    text.append(" → ").append(diff.to()).append('\n');
    diff.changes().forEach(each -> text.append("    ").append(PlanText.line(each)).append('\n'));
    for (DiffView.FileChange file : diff.files()) {
      String how =
          file.from() == null ? "is new" : file.to() == null ? "is gone" : "has another content";
      text.append("    ~ ").append(file.path()).append(' ').append(how).append('\n');
    }
    if (!diff.unknown().isEmpty()) {
      text.append("    ? ").append(String.join(", ", diff.unknown()));
      text.append(": values are not kept, they may differ\n");
    }
    if (diff.changes().isEmpty() && diff.files().isEmpty() && diff.unknown().isEmpty()) {
      text.append("    no difference\n");
    }
    return text.append("\nThe way back (vmctl rollback ")
        .append(diff.vm())
        .append(" --to ")
        .append(diff.from())
        .append("): ")
        .append(diff.rollbackClass())
        .append('\n')
        .toString();
  }
}
