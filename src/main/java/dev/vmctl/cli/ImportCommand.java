package dev.vmctl.cli;

import dev.vmctl.api.Vmctl;
import dev.vmctl.model.VmName;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vmctl import}. */
@Command(
    name = "import",
    description = {
      "Make a VM of one that 'export' wrote. It is held stopped, and belongs to whoever declares it next.",
      "It keeps its uuid and MAC address unless a VM here has them."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl import web.vmctl.zip && vmctl start web",
      "  vmctl import web.vmctl.zip --name web2",
    })
final class ImportCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(paramLabel = "FILE", description = "What 'export' wrote.")
  private Path file = Path.of("");

  @Option(names = "--name", paramLabel = "NAME", description = "Its name here. Default: as it was.")
  private @Nullable VmName name;

  ImportCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    try (Vmctl vmctl = session.writing()) {
      VmName imported = vmctl.importVm(session.surroundings().resolve(file), name);
      session
          .terminal()
          .say(imported + ": imported, held stopped; 'vmctl start " + imported + "' starts it");
      return ExitCode.DONE;
    }
  }
}
