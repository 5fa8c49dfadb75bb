package dev.vmctl.cli;

import dev.vmctl.api.ApplyRequest;
import dev.vmctl.api.PlanView;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code vmctl plan}. */
@Command(
    name = "plan",
    description = "Show what 'up' would do, and do nothing.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl plan",
      "  vmctl plan --detailed-exitcode    0: nothing to do, 2: something",
      "  vmctl plan -o json",
    })
final class PlanCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private final VmFileOptions vmFile = new VmFileOptions();
  @Mixin private final OutputOption output = new OutputOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--prune", description = "As of 'up --prune'.")
  private boolean prune;

  @Option(names = "--detailed-exitcode", description = "Exit with 2 when something would be done.")
  private boolean detailedExitCode;

  PlanCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    output.format.requireOneOf(spec, OutputFormat.TABLE, OutputFormat.JSON, OutputFormat.YAML);
    session.requireFilesOfThisHost();
    ApplyRequest request = vmFile.load(session).request(prune, ApplyRequest.Provisioning.AS_NEEDED);
    PlanView plan = session.read(vmctl -> vmctl.plan(request));
    switch (output.format) {
      case JSON -> output.data(session.terminal()).json(plan);
      case YAML -> output.data(session.terminal()).yaml(plan);
      case TABLE, WIDE, NAME, SARIF -> session.terminal().out().print(PlanText.of(plan));
    }
    return detailedExitCode && !plan.isEmpty() ? ExitCode.CHANGES : ExitCode.DONE;
  }
}
