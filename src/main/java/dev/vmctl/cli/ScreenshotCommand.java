package dev.vmctl.cli;

import dev.vmctl.host.AtomicFiles;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Parameters;

/** {@code vmctl screenshot}. */
@Command(
    name = "screenshot",
    description = "Write what is on a VM's screen into a PNG file.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl screenshot web                 into web.png",
      "  vmctl screenshot web boot.png",
      "  vmctl screenshot web - | display     '-' is the standard output",
    })
final class ScreenshotCommand implements Callable<Integer> {
  private static final String STREAM = "-";

  private final Session session;

  @Parameters(index = "0", paramLabel = "NAME", description = "The VM.")
  private VmName name = new VmName("unset");

  @Parameters(
      index = "1",
      arity = "0..1",
      paramLabel = "FILE",
      description =
          "Where to, replacing what is there; - for the standard output. Default: NAME.png.")
  private @Nullable String file;

  ScreenshotCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    Terminal terminal = session.terminal();
    boolean streams = STREAM.equals(file);
    if (streams && terminal.outIsTerminal()) {
      throw new VmException(
          ErrorCode.USAGE,
          "a picture does not go to a terminal",
          "name a file, or a pipe to another program");
    }
    byte[] png = session.read(vmctl -> vmctl.screenshot(name));
    if (streams) {
      terminal.out().write(png, 0, png.length);
      return ExitCode.DONE;
    }
    Path target = session.surroundings().resolve(Path.of(file == null ? name + ".png" : file));
    try {
      Files.write(target, png);
    } catch (IOException e) {
      throw AtomicFiles.failure("write", target, e);
    }
    terminal.say(name + ": its screen is in " + target);
    return ExitCode.DONE;
  }
}
