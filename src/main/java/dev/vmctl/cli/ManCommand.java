package dev.vmctl.cli;

import dev.vmctl.Version;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code vmctl man}. */
@Command(
    name = "man",
    description = "Write the manual pages, one for each command.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl man ~/.local/share/man/man1 && man vmctl-up",
      "  vmctl man /usr/local/share/man/man1",
    })
final class ManCommand implements Callable<Integer> {
  private final Session session;

  @Parameters(paramLabel = "DIR", description = "Where; it is made when it is not there.")
  private Path directory = Path.of("");

  ManCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    CommandLine root = new Cli(session).commandLine(null);
    Path place = session.surroundings().resolve(directory);
    String program = "vmctl " + Version.CURRENT;
    try {
      Files.createDirectories(place);
      Files.writeString(place.resolve("vmctl.1"), ManPage.of(root, program));
      for (CommandLine command : root.getSubcommands().values()) {
        Files.writeString(
            place.resolve("vmctl-" + command.getCommandName() + ".1"),
            ManPage.of(command, program));
      }
    } catch (IOException broken) {
      throw new VmException(
          ErrorCode.IO,
          "the pages cannot be written to " + place + ": " + broken.getMessage(),
          "name a directory that may be written",
          broken);
    }
    session.terminal().say("wrote " + (root.getSubcommands().size() + 1) + " pages to " + place);
    return ExitCode.DONE;
  }
}
