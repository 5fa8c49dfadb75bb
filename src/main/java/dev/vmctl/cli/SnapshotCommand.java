package dev.vmctl.cli;

import dev.vmctl.api.SnapshotRequest;
import dev.vmctl.api.SnapshotView;
import dev.vmctl.api.SnapshotsView;
import dev.vmctl.api.Vmctl;
import dev.vmctl.model.VmName;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Callable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code vmctl snapshot}. */
@Command(
    name = "snapshot",
    synopsisSubcommandLabel = "COMMAND",
    description = "Keep moments of VMs within their disks, and go back to them.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl snapshot create web before-upgrade",
      "  vmctl snapshot list web",
      "  vmctl stop web && vmctl snapshot restore web before-upgrade",
      "  vmctl snapshot delete web before-upgrade",
    })
final class SnapshotCommand implements Callable<Integer> {
  private static final long MIB = 1 << 20;

  private final Session session;
  @Spec private CommandSpec spec = CommandSpec.create();

  SnapshotCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "a command is missing: create, list, restore or delete");
  }

  @Command(
      name = "create",
      description = {
        "Keep what a VM is now.",
        "Of a running VM its memory is kept as well: the guest stands still while that is written.",
        "With --disk-only it goes on; its agent, if it has one, writes its file systems out before."
      },
      footerHeading = "%nExamples:%n",
      footer = {
        "  vmctl snapshot create web before-upgrade",
        "  vmctl snapshot create web nightly --disk-only",
      })
  int create(
      @Parameters(index = "0", paramLabel = "NAME", description = "The VM.") VmName name,
      @Parameters(index = "1", paramLabel = "SNAPSHOT", description = "How to call it.")
          String snapshot,
      @Option(names = "--disk-only", description = "Leave the memory out.") boolean diskOnly,
      @Mixin WaitOptions wait) {
    try (Vmctl vmctl = session.writing()) {
      SnapshotWait waiting = new SnapshotWait(session, vmctl, name, wait);
      vmctl.takeSnapshot(name, new SnapshotRequest(snapshot, diskOnly, false));
      return waiting.run("taking the snapshot '" + snapshot + "'", "taken");
    }
  }

  @Command(
      name = "list",
      description = "List the snapshots of a VM's disks, the oldest first.",
      footerHeading = "%nExamples:%n",
      footer = {"  vmctl snapshot list web", "  vmctl snapshot list web -o json"})
  int list(
      @Parameters(paramLabel = "NAME", description = "The VM.") VmName name,
      @Mixin OutputOption output) {
    output.format.requireOneOf(spec, OutputFormat.lists());
    SnapshotsView view = session.read(vmctl -> vmctl.snapshots(name));
    Terminal terminal = session.terminal();
    DataOutput data = output.data(terminal);
    switch (output.format) {
      case TABLE, WIDE, SARIF -> output.print(terminal, table(view.snapshots()));
      case JSON -> data.json(view.snapshots());
      case YAML -> data.yaml(view.snapshots());
      case NAME -> view.snapshots().forEach(each -> terminal.out().println(each.name()));
    }
    if (view.busy() != null) {
      terminal.say(name + ": " + view.busy());
    }
    return ExitCode.DONE;
  }

  @Command(
      name = "restore",
      description = {
        "Make a VM that is stopped what it was then.",
        "What it is now is kept as a snapshot of its own. With memory the guest goes on where it was."
      },
      footerHeading = "%nExamples:%n",
      footer = {
        "  vmctl stop web && vmctl snapshot restore web before-upgrade",
        "  vmctl snapshot restore web nightly --start",
        "  vmctl snapshot restore web before-upgrade --disk-only",
      })
  int restore(
      @Parameters(index = "0", paramLabel = "NAME", description = "The VM.") VmName name,
      @Parameters(index = "1", paramLabel = "SNAPSHOT", description = "Of 'snapshot list'.")
          String snapshot,
      @Option(names = "--disk-only", description = "Do not go on from the memory of then.")
          boolean diskOnly,
      @Option(names = "--start", description = "Start it afterwards.") boolean start,
      @Mixin WaitOptions wait) {
    try (Vmctl vmctl = session.writing()) {
      SnapshotWait waiting = new SnapshotWait(session, vmctl, name, wait);
      boolean runs = start || (!diskOnly && hasMemory(vmctl.snapshots(name), snapshot));
      vmctl.restoreSnapshot(name, new SnapshotRequest(snapshot, diskOnly, start));
      int code = waiting.run("going back to the snapshot '" + snapshot + "'", "restored");
      if (code != ExitCode.DONE || wait.detach) {
        return code;
      }
      vmctl.snapshots(name).snapshots().stream()
          .filter(SnapshotView::automatic)
          .reduce((earlier, later) -> later)
          .ifPresent(
              kept ->
                  session.terminal().say(name + ": what it was is the snapshot " + kept.name()));
      return runs
          ? new Errand(session, vmctl, Map.of(name, Goal.READY)).waiting(wait).run(() -> {})
          : code;
    }
  }

  private static boolean hasMemory(SnapshotsView view, String snapshot) {
    return view.snapshots().stream()
        .anyMatch(each -> each.name().equals(snapshot) && each.memoryBytes() > 0);
  }

  @Command(
      name = "delete",
      description = "Delete a snapshot for good.",
      footerHeading = "%nExamples:%n",
      footer = {
        "  vmctl snapshot delete web before-upgrade",
        "  vmctl snapshot delete --yes web nightly",
      })
  int delete(
      @Parameters(index = "0", paramLabel = "NAME", description = "The VM.") VmName name,
      @Parameters(index = "1", paramLabel = "SNAPSHOT", description = "Of 'snapshot list'.")
          String snapshot,
      @Option(
              names = {"-y", "--yes"},
              description = "Do not ask.")
          boolean yes,
      @Mixin WaitOptions wait) {
    try (Vmctl vmctl = session.writing()) {
      if (!yes
          && !Confirmation.asked(
              session.terminal(),
              Objects.requireNonNull(spec.subcommands().get("delete")).getCommandSpec(),
              "Delete the snapshot '" + snapshot + "' of " + name + " for good?")) {
        session.terminal().say("nothing was deleted");
        return ExitCode.FAILED;
      }
      SnapshotWait waiting = new SnapshotWait(session, vmctl, name, wait);
      vmctl.deleteSnapshot(name, snapshot);
      return waiting.run("deleting the snapshot '" + snapshot + "'", "deleted");
    }
  }

  private static TableText table(List<SnapshotView> snapshots) {
    TableText table = new TableText("SNAPSHOT", "TAKEN", "GENERATION", "MEMORY MIB", "KIND");
    for (SnapshotView each : snapshots) {
      table.row(
          each.name(),
          EventsCommand.seconds(each.at()),
          Long.toString(each.generation()),
          each.memoryBytes() == 0 ? "-" : Long.toString((each.memoryBytes() + MIB - 1) / MIB),
          each.automatic() ? "automatic" : "-");
    }
    return table;
  }
}
