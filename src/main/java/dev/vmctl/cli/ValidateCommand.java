package dev.vmctl.cli;

import com.fasterxml.jackson.annotation.JsonPropertyOrder;
import dev.vmctl.model.BackendTag;
import dev.vmctl.model.Diagnostic;
import java.nio.file.Path;
import java.util.EnumSet;
import java.util.List;
import java.util.Set;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;

/** {@code vmctl validate}. */
@Command(
    name = "validate",
    description = "Check VMFiles, and what they refer to, without a daemon.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl validate                ./VMFile.kdl",
      "  vmctl validate vms/           every VMFile a daemon watching vms/ would take",
      "  vmctl validate a.kdl -o json  for editors and CI; -o sarif for code review sites",
      "  vmctl validate --backend propolis   whether it would also run on illumos",
    })
final class ValidateCommand implements Callable<Integer> {
  private final Session session;
  private static final Set<OutputFormat> FORMATS =
      EnumSet.of(OutputFormat.TABLE, OutputFormat.JSON, OutputFormat.YAML, OutputFormat.SARIF);

  @Mixin private final OutputOption output = new OutputOption(FORMATS);

  @Parameters(
      paramLabel = "FILE|DIR",
      arity = "0..*",
      description = "VMFiles, or directories of them. Default: ./VMFile.kdl.")
  private List<Path> places = List.of();

  @Option(
      names = "--backend",
      paramLabel = "BACKEND",
      description =
          "Check also that VMs that declare no backend would run on this one:"
              + " noop, qemu, propolis or bhyve.")
  private @Nullable BackendTag backend;

  /** A finding with the fields promised to programs. */
  @JsonPropertyOrder({"file", "line", "column", "severity", "code", "message", "help", "labels"})
  record Finding(
      Path file,
      int line,
      int column,
      Diagnostic.Severity severity,
      String code,
      String message,
      String help,
      List<Diagnostic.Label> labels) {}

  ValidateCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    List<Path> files = new VmFilePlaces(session).files(places);
    List<Diagnostic> findings = session.vmFiles().check(files, backend);
    long errors = findings.stream().filter(Diagnostic::isError).count();
    switch (output.format) {
      case JSON -> output.data(session.terminal()).json(fields(findings));
      case YAML -> output.data(session.terminal()).yaml(fields(findings));
      case SARIF -> {
        Sarif sarif = new Sarif(session.surroundings().workingDirectory());
        output.data(session.terminal()).json(sarif.of(findings));
      }
      case TABLE, WIDE, NAME -> show(findings, files.size(), errors);
    }
    return errors == 0 ? ExitCode.DONE : ExitCode.FAILED;
  }

  private void show(List<Diagnostic> findings, int files, long errors) {
    Terminal terminal = session.terminal();
    boolean colour = terminal.colour() && terminal.outIsTerminal();
    findings.forEach(each -> terminal.out().println(session.vmFiles().render(each, colour)));
    terminal.say(
        "%d %s, %d %s, %d %s"
            .formatted(
                files,
                files == 1 ? "file" : "files",
                errors,
                errors == 1 ? "error" : "errors",
                findings.size() - errors,
                findings.size() - errors == 1 ? "warning" : "warnings"));
  }

  private static List<Finding> fields(List<Diagnostic> findings) {
    return findings.stream()
        .map(
            each ->
                new Finding(
                    each.file(),
                    each.line(),
                    each.column(),
                    each.severity(),
                    each.code(),
                    each.message(),
                    each.help(),
                    each.labels()))
        .toList();
  }
}
