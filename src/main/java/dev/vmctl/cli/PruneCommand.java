package dev.vmctl.cli;

import dev.vmctl.api.PruneView;
import dev.vmctl.api.Vmctl;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code vmctl prune}. */
@Command(
    name = "prune",
    description = {
      "Show which VMs the daemon keeps though their source does not declare them any more.",
      "It asks so when a source loses all of its VMs, or more than half of three or more."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl prune                show them",
      "  vmctl prune --confirm      remove them, each as its lifecycle says",
    })
final class PruneCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private final OutputOption output = new OutputOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(
      names = "--confirm",
      description = "Remove them, each as its lifecycle says; usually into the trash.")
  private boolean confirm;

  PruneCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    output.format.requireOneOf(spec, OutputFormat.TABLE, OutputFormat.JSON, OutputFormat.YAML);
    try (Vmctl vmctl = session.writing()) {
      List<PruneView> all = vmctl.prune(confirm);
      switch (output.format) {
        case JSON -> output.data(session.terminal()).json(all);
        case YAML -> output.data(session.terminal()).yaml(all);
        case TABLE, WIDE, NAME, SARIF -> tell(all);
      }
      return ExitCode.DONE;
    }
  }

  private void tell(List<PruneView> all) {
    Terminal terminal = session.terminal();
    for (PruneView each : all) {
      terminal.out().println(each.why() + ": " + String.join(" ", each.vms()));
    }
    if (all.isEmpty()) {
      terminal.say("nothing waits to be removed");
    } else if (confirm) {
      terminal.say("they are being removed; see 'vmctl trash list'");
    } else {
      terminal.say("they are kept; 'vmctl prune --confirm' removes them");
    }
  }
}
