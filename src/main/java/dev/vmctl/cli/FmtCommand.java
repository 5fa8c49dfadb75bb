package dev.vmctl.cli;

import dev.vmctl.model.Diagnostic;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.vmfile.VmFileFormatter;
import dev.vmctl.vmfile.VmFileFormatter.Formatted;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.ArrayList;
import java.util.List;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vmctl fmt}. */
@Command(
    name = "fmt",
    description = "Lay VMFiles out in the usual way; comments and meaning stay.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl fmt               ./VMFile.kdl, in place",
      "  vmctl fmt --check vms/  exit code 1 if a file there is not laid out so",
      "  vmctl fmt --diff a.kdl  show what would change",
      "  vmctl fmt - < a.kdl     from the standard input to the standard output",
    })
final class FmtCommand implements Callable<Integer> {
  private static final Path STANDARD_INPUT = Path.of("-");

  private final Session session;

  @Option(
      names = "--check",
      description = "Write nothing; name the files that are not laid out so, and exit with 1.")
  private boolean check;

  @Option(names = "--diff", description = "Write nothing; show what would change.")
  private boolean diff;

  @Parameters(
      paramLabel = "FILE|DIR",
      arity = "0..*",
      description =
          "VMFiles, directories of them, or - for the standard input. Default: ./VMFile.kdl.")
  private List<Path> places = List.of();

  private boolean failed;
  private boolean differs;

  FmtCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() throws IOException {
    List<Path> files = new ArrayList<>();
    for (Path place : places) {
      if (place.equals(STANDARD_INPUT)) {
        standardInput();
      } else {
        files.add(place);
      }
    }
    if (places.isEmpty() || !files.isEmpty()) {
      for (Path file : new VmFilePlaces(session).files(files)) {
        Formatted formatted = VmFileFormatter.read(file);
        if (hasProblems(formatted)) {
          continue;
        }
        if (formatted.isChange()) {
          change(file, formatted);
        }
      }
    }
    return failed || (check && differs) ? ExitCode.FAILED : ExitCode.DONE;
  }

  private boolean hasProblems(Formatted formatted) {
    Terminal terminal = session.terminal();
    for (Diagnostic problem : formatted.problems()) {
      failed = true;
      terminal.say(session.vmFiles().render(problem, terminal.colour()));
    }
    return !formatted.problems().isEmpty();
  }

  private void change(Path file, Formatted formatted) {
    differs = true;
    String shown = shown(file);
    if (diff) {
      print(shown, formatted);
    }
    if (check && !diff) {
      session.terminal().out().println(shown);
    }
    if (!check && !diff) {
      write(file, formatted.after());
      session.terminal().say("formatted " + shown);
    }
  }

  private void standardInput() throws IOException {
    byte[] bytes = session.terminal().in().readAllBytes();
    Path name = session.surroundings().resolve(Path.of("stdin"));
    Formatted formatted = VmFileFormatter.format(name, bytes);
    if (hasProblems(formatted)) {
      return;
    }
    differs |= formatted.isChange();
    if (diff) {
      print("stdin", formatted);
    } else if (!check) {
      session.terminal().out().print(formatted.after());
    } else if (formatted.isChange()) {
      session.terminal().out().println("stdin");
    }
  }

  private void print(String name, Formatted formatted) {
    session
        .terminal()
        .out()
        .print(new LineDiff(formatted.before(), formatted.after()).unified(name));
  }

  private String shown(Path file) {
    Path here = session.surroundings().workingDirectory();
    return (file.startsWith(here) ? here.relativize(file) : file).toString();
  }

  /** In one step, so that a daemon that watches the file never reads half of it. */
  private static void write(Path file, String text) {
    try {
      Path target = file.toRealPath();
      Path next = target.resolveSibling("." + target.getFileName() + ".vmctl-fmt");
      try {
        Files.copy(
            target, next, StandardCopyOption.COPY_ATTRIBUTES, StandardCopyOption.REPLACE_EXISTING);
        Files.write(next, text.getBytes(StandardCharsets.UTF_8));
        Files.move(next, target, StandardCopyOption.ATOMIC_MOVE);
      } finally {
        Files.deleteIfExists(next);
      }
    } catch (IOException e) {
      throw new VmException(
          ErrorCode.IO,
          file + " cannot be written: " + e.getMessage(),
          "check the permissions of the file and its directory",
          e);
    }
  }
}
