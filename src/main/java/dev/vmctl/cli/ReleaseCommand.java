package dev.vmctl.cli;

import dev.vmctl.api.ReleaseView;
import dev.vmctl.api.Vmctl;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Spec;

/** {@code vmctl release}. */
@Command(
    name = "release",
    description = {
      "Forget VMs as they are: what runs runs on, every file stays where it is, and nobody looks"
          + " after them any more.",
      "Refused while a watched source declares one. 'vmctl adopt NAME' takes it back."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  vmctl release web", "  vmctl release web -o json"})
final class ReleaseCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private final VmSelection selection = new VmSelection();
  @Mixin private final WaitOptions wait = new WaitOptions();
  @Mixin private final OutputOption output = new OutputOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  ReleaseCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    output.format.requireOneOf(spec, OutputFormat.TABLE, OutputFormat.JSON, OutputFormat.YAML);
    selection.require();
    List<ReleaseView> released = new ArrayList<>();
    try (Vmctl vmctl = session.writing()) {
      VmSelection.Chosen chosen = selection.choose(vmctl, session);
      int code =
          new Errand(session, vmctl, chosen.goals(Goal.GONE))
              .waiting(wait)
              .runEach(name -> released.add(vmctl.release(name)));
      tell(released);
      return chosen.code(code);
    }
  }

  private void tell(List<ReleaseView> released) {
    switch (output.format) {
      case JSON -> output.data(session.terminal()).json(released);
      case YAML -> output.data(session.terminal()).yaml(released);
      case TABLE, WIDE, NAME, SARIF ->
          released.forEach(each -> each.files().forEach(session.terminal().out()::println));
    }
    for (ReleaseView each : released) {
      session
          .terminal()
          .say(
              each.name()
                  + ": released, "
                  + each.state()
                  + (each.pid() == null ? "" : " as process " + each.pid())
                  + "; 'vmctl adopt "
                  + each.name()
                  + "' takes it back");
    }
  }
}
