package dev.vmctl.cli;

import dev.vmctl.api.AdoptRequest;
import dev.vmctl.api.AdoptView;
import dev.vmctl.api.VmStatus;
import dev.vmctl.api.Vmctl;
import dev.vmctl.host.AtomicFiles;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import dev.vmctl.source.Snapshot;
import dev.vmctl.vmfile.VmFileText;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code vmctl adopt}. */
@Command(
    name = "adopt",
    description = {
      "Make a VM of vmctl of one that others have made: a QEMU that runs, by its QMP socket; one of"
          + " the original vmctl; or one that was released.",
      "What runs runs on, and every disk stays where it is. A VMFile that declares it as it is goes to"
          + " standard output."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl adopt web --qmp /run/web.qmp            a QEMU that runs",
      "  vmctl adopt web --qmp /run/web.qmp --file VMFile.kdl",
      "  vmctl adopt --original --all --dry-run        what there is of the original vmctl",
      "  vmctl adopt --original web db                 two of them",
      "  vmctl adopt web                               take back what was released",
    })
final class AdoptCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private final OutputOption output = new OutputOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Parameters(paramLabel = "NAME", arity = "0..*", description = "What it will be called, or is.")
  private List<String> names = List.of();

  @Option(
      names = "--qmp",
      paramLabel = "PATH",
      description = "QMP socket of a QEMU that runs, to which nobody else is connected.")
  private @Nullable Path qmp;

  @Option(
      names = "--disk",
      paramLabel = "PATH",
      description = "Which of its disks it boots from. Default: the only one.")
  private @Nullable Path disk;

  @Option(names = "--original", description = "VMs of the original vmctl.")
  private boolean original;

  @Option(
      names = "--from",
      paramLabel = "PATH",
      description = "The original's vms.json. Default: that in the data directory.")
  private @Nullable Path vmsJson;

  @Option(names = "--all", description = "All of the original vmctl.")
  private boolean all;

  @Option(
      names = "--as",
      paramLabel = "NEW",
      description = "Another name for the one VM of the original.")
  private @Nullable VmName as;

  @Option(
      names = "--file",
      paramLabel = "VMFILE",
      description = "Add what declares it to this VMFile, unless it is declared there.")
  private @Nullable Path file;

  @Option(names = "--dry-run", description = "Only say what there is.")
  private boolean dryRun;

  AdoptCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    output.format.requireOneOf(spec, OutputFormat.TABLE, OutputFormat.JSON, OutputFormat.YAML);
    AdoptRequest request = request();
    List<AdoptView> found;
    try (Vmctl vmctl = session.writing()) {
      found = vmctl.adopt(request);
    }
    switch (output.format) {
      case JSON -> output.data(session.terminal()).json(found);
      case YAML -> output.data(session.terminal()).yaml(found);
      case TABLE, WIDE, NAME, SARIF -> {
        if (file == null) {
          found.stream()
              .flatMap(each -> Stream.ofNullable(each.spec()))
              .forEach(each -> session.terminal().out().print(VmFileText.of(each)));
        }
      }
    }
    found.forEach(this::tell);
    if (file != null && !dryRun) {
      declare(session.surroundings().resolve(file), found);
    }
    return found.stream().allMatch(each -> each.failure() == null)
        ? ExitCode.DONE
        : ExitCode.FAILED;
  }

  private AdoptRequest request() {
    boolean fromOriginal = original || vmsJson != null;
    if (all != (fromOriginal && names.isEmpty())) {
      throw new ParameterException(
          spec.commandLine(), "name VMs, or say --original --all for those of the original");
    }
    return new AdoptRequest(
        names,
        qmp == null ? null : session.surroundings().resolve(qmp),
        disk == null ? null : session.surroundings().resolve(disk),
        fromOriginal ? originals() : null,
        as,
        dryRun);
  }

  private Path originals() {
    return vmsJson == null
        ? session.dataDirectory().resolve("vms.json")
        : session.surroundings().resolve(vmsJson);
  }

  private void tell(AdoptView each) {
    Terminal terminal = session.terminal();
    VmStatus.Failure failure = each.failure();
    if (failure != null) {
      new ErrorText(terminal)
          .print(failure.code(), each.name() + ": " + failure.message(), failure.help());
      return;
    }
    terminal.say(
        each.name()
            + (each.adopted() ? ": adopted, " : ": can be adopted, ")
            + each.state()
            + (each.pid() == null ? "" : " as process " + each.pid())
            + "; its disk stays at "
            + String.join(", ", each.disks()));
    each.notes().forEach(note -> terminal.say("note: " + note));
  }

  /** Adds what nobody declares there yet; a file with mistakes is left as it is. */
  private void declare(Path target, List<AdoptView> found) {
    StringBuilder text = new StringBuilder();
    Snapshot declared = Files.exists(target) ? session.vmFiles().read(target) : null;
    for (AdoptView each : found) {
      VmSpec as = each.spec();
      if (as == null || !each.adopted()) {
        continue;
      }
      boolean known =
          declared != null
              && declared.declarations().stream().anyMatch(vm -> vm.name().equals(as.name()));
      if (known) {
        session
            .terminal()
            .say(each.name() + ": declared there already; 'vmctl plan' shows what 'up' changes");
      } else {
        text.append(text.isEmpty() ? "" : "\n").append(VmFileText.of(as));
      }
    }
    if (!text.isEmpty()) {
      append(target, text.toString());
      session.terminal().say(target + ": it declares them now; 'vmctl up' follows it");
    }
  }

  private static void append(Path target, String text) {
    try {
      String before = Files.exists(target) ? Files.readString(target) : "";
      String between = before.isEmpty() ? "" : before.endsWith("\n") ? "\n" : "\n\n";
      // At its end, in one piece: what somebody else writes there meanwhile is not lost.
      Files.writeString(
          target, between + text, StandardOpenOption.CREATE, StandardOpenOption.APPEND);
    } catch (IOException e) {
      throw AtomicFiles.failure("write", target, e);
    }
  }
}
