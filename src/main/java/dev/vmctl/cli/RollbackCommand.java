package dev.vmctl.cli;

import dev.vmctl.api.RollbackView;
import dev.vmctl.api.VmStatus;
import dev.vmctl.api.Vmctl;
import dev.vmctl.model.VmName;
import java.util.Map;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code vmctl rollback}. */
@Command(
    name = "rollback",
    description = {
      "Put what a VM was declared to be before in the place of what its VMFile says.",
      "The next edit of the VMFile ends that. A disk that was replaced comes back from the trash."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl rollback web               to the last generation before that was applied",
      "  vmctl rollback web --to 3        see 'vmctl history web'",
    })
final class RollbackCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private final WaitOptions wait = new WaitOptions();
  @Mixin private final OutputOption output = new OutputOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "NAME", description = "The VM.")
  private VmName name = new VmName("unset");

  @Option(
      names = "--to",
      paramLabel = "GENERATION",
      description = "Of 'vmctl history'. Default: the last one before that was applied.")
  private @Nullable Long generation;

  RollbackCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    output.format.requireOneOf(spec, OutputFormat.TABLE, OutputFormat.JSON, OutputFormat.YAML);
    try (Vmctl vmctl = session.writing()) {
      VmStatus before = vmctl.status(name);
      if (!before.holds().isEmpty()) {
        tell(vmctl.rollback(name, generation));
        session.terminal().say(name + ": it is held; that counts from its next start");
        return ExitCode.DONE;
      }
      return new Errand(session, vmctl, Map.of(name, Goal.READY))
          .waiting(wait)
          .showingProvisioning()
          .run(() -> tell(vmctl.rollback(name, generation)));
    }
  }

  private void tell(RollbackView view) {
    Terminal terminal = session.terminal();
    switch (output.format) {
      case JSON -> output.data(terminal).json(view);
      case YAML -> output.data(terminal).yaml(view);
      case TABLE, WIDE, NAME, SARIF -> {}
    }
    terminal.say(
        view.vm()
            + ": back to generation "
            + view.to()
            + (view.pinned() ? ", until the next edit of its VMFile" : ", as its VMFile says"));
    view.notes().forEach(note -> terminal.say("note: " + note));
  }
}
