package dev.vmctl.cli;

import dev.vmctl.api.ExportView;
import dev.vmctl.api.Vmctl;
import dev.vmctl.model.VmName;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code vmctl export}. */
@Command(
    name = "export",
    description = {
      "Write a VM into one file: its record, keys, and disks that need no base image.",
      "A running VM goes on; its disks are copied as they are at one moment, as after a power failure.",
      "The file holds the VM's keys: only you may read it."
    },
    footerHeading = "%nExamples:%n",
    footer = {"  vmctl export web", "  vmctl export web /backup/web.zip"})
final class ExportCommand implements Callable<Integer> {
  private static final double MIB = 1 << 20;

  private final Session session;

  @Parameters(index = "0", paramLabel = "NAME", description = "The VM.")
  private VmName name = new VmName("unset");

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "FILE",
      description = "Where to; must not exist. Default: NAME.vmctl.zip")
  private @Nullable Path file;

  ExportCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Path target =
        session.surroundings().resolve(file == null ? Path.of(name + ".vmctl.zip") : file);
    try (Vmctl vmctl = session.writing()) {
      session.terminal().say(name + ": exporting");
      ExportView exported = vmctl.exportVm(name, target);
      session.terminal().say("%s: exported, %.1f MiB".formatted(name, exported.sizeBytes() / MIB));
      session.terminal().out().println(exported.file());
      return ExitCode.DONE;
    }
  }
}
