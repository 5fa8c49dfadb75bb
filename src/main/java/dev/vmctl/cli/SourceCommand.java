package dev.vmctl.cli;

import dev.vmctl.api.SourceRemoval;
import dev.vmctl.api.SourceView;
import dev.vmctl.api.VmSummary;
import dev.vmctl.api.Vmctl;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.time.Instant;
import java.util.List;
import java.util.concurrent.Callable;
import java.util.function.Consumer;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** {@code vmctl source}. */
@Command(
    name = "source",
    synopsisSubcommandLabel = "COMMAND",
    description = "See and steer the directories and Git repositories that the daemon follows.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl source list",
      "  vmctl source add https://git.example.org/fleet.git#main:vms",
      "  vmctl source sync fleet      look for a new commit now",
      "  vmctl source suspend fleet   leave it alone; its VMs stay as they are",
    })
final class SourceCommand implements Callable<Integer> {
  private static final int SHORT_COMMIT = 12;

  private final Session session;
  @Spec private CommandSpec spec = CommandSpec.create();

  SourceCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    throw new CommandLine.ParameterException(
        spec.commandLine(), "a command is missing: list, add, remove, sync, suspend or resume");
  }

  @Command(
      name = "list",
      description = "List what is followed, and how it stands.",
      footerHeading = "%nExamples:%n",
      footer = "  vmctl source list -o json")
  int list(@Mixin OutputOption output) {
    List<SourceView> sources =
        session.read(
            vmctl -> {
              requireDaemon(vmctl);
              return vmctl.sources();
            });
    DataOutput data = output.data(session.terminal());
    switch (output.format) {
      case TABLE, WIDE, SARIF -> output.print(session.terminal(), table(sources));
      case JSON -> data.json(sources);
      case YAML -> data.yaml(sources);
      case NAME -> sources.forEach(each -> session.terminal().out().println(each.name()));
    }
    return ExitCode.DONE;
  }

  @Command(
      name = "sync",
      description = "Look at a source now; a commit that was refused is tried again.",
      footerHeading = "%nExamples:%n",
      footer = "  vmctl source sync fleet")
  int sync(@Parameters(paramLabel = "NAME", description = "Of 'source list'.") String name) {
    return ask(vmctl -> vmctl.syncSource(name), name + ": is being looked at");
  }

  @Command(
      name = "suspend",
      description = "Leave a repository alone until 'source resume'; its VMs stay as they are.",
      footerHeading = "%nExamples:%n",
      footer = "  vmctl source suspend fleet")
  int suspend(@Parameters(paramLabel = "NAME", description = "Of 'source list'.") String name) {
    return ask(vmctl -> vmctl.suspendSource(name), name + ": suspended");
  }

  @Command(
      name = "resume",
      description = "Follow a suspended repository again.",
      footerHeading = "%nExamples:%n",
      footer = "  vmctl source resume fleet")
  int resume(@Parameters(paramLabel = "NAME", description = "Of 'source list'.") String name) {
    return ask(vmctl -> vmctl.resumeSource(name), name + ": followed again");
  }

  @Command(
      name = "add",
      description =
          "Follow a directory of VMFiles or a Git repository from now on, also after restarts of the"
              + " daemon. What it may ask of the host only vmctl.kdl can allow.",
      footerHeading = "%nExamples:%n",
      footer = {
        "  vmctl source add ./vms",
        "  vmctl source add ssh://git@git.example.org/fleet.git#main:vms --ssh-key deploy_key",
      })
  int add(@Mixin AddedSourceOptions options) {
    return ask(
        vmctl -> {
          SourceView added = vmctl.addSource(options.source(session.surroundings()));
          session.terminal().say(added.name() + ": followed from now on; see 'vmctl source list'");
        });
  }

  @Command(
      name = "remove",
      description =
          "Follow a source no more that was added by 'source add'. Its VMs stay as they are, and"
              + " belong to whoever declares them next.",
      footerHeading = "%nExamples:%n",
      footer = {
        "  vmctl source remove fleet",
        "  vmctl source remove fleet --prune   its VMs go, each as its lifecycle says",
      })
  int remove(
      @Parameters(paramLabel = "NAME", description = "Of 'source list'.") String name,
      @Option(
              names = "--prune",
              description =
                  "Remove its VMs too, each as its lifecycle says; usually into the trash.")
          boolean prune,
      @Option(names = "--yes", description = "Do not ask before VMs are removed.") boolean yes) {
    return ask(
        vmctl -> {
          if (prune && !yes && !agreed(vmctl, name)) {
            session.terminal().say(name + ": left as it is");
            return;
          }
          tell(vmctl.removeSource(name, prune));
        });
  }

  private boolean agreed(Vmctl vmctl, String name) {
    String location =
        vmctl.sources().stream()
            .filter(each -> each.name().equals(name))
            .map(SourceView::location)
            .findFirst()
            .orElse("");
    List<String> going =
        vmctl.list().stream()
            .filter(vm -> vm.source().equals(location))
            .map(VmSummary::name)
            .toList();
    return going.isEmpty()
        || Confirmation.asked(
            session.terminal(), spec, "Remove " + name + " and " + String.join(", ", going) + "?");
  }

  private void tell(SourceRemoval removal) {
    Terminal terminal = session.terminal();
    terminal.say(removal.name() + ": followed no more");
    if (!removal.kept().isEmpty()) {
      terminal.say("they stay as they are: " + String.join(" ", removal.kept()));
    }
    if (!removal.removed().isEmpty()) {
      terminal.say("they go; see 'vmctl trash list': " + String.join(" ", removal.removed()));
    }
  }

  private int ask(Consumer<Vmctl> request, String done) {
    return ask(
        vmctl -> {
          request.accept(vmctl);
          session.terminal().say(done);
        });
  }

  private int ask(Consumer<Vmctl> request) {
    try (Vmctl vmctl = session.writing()) {
      requireDaemon(vmctl);
      request.accept(vmctl);
      return ExitCode.DONE;
    }
  }

  /** Without one nothing is followed, and an empty list would say so of the wrong thing. */
  private static void requireDaemon(Vmctl vmctl) {
    if (!vmctl.info().daemon()) {
      throw new VmException(
          ErrorCode.DAEMON_UNREACHABLE,
          "no daemon runs here, so no source is followed",
          "start one: vmctl daemon --git URL, or --watch DIR");
    }
  }

  private static TableText table(List<SourceView> sources) {
    TableText table = new TableText("NAME", "KIND", "STATE", "COMMIT", "REACHED", "VMS", "PROBLEM");
    for (SourceView each : sources) {
      table.row(
          each.name(),
          each.kind(),
          each.state(),
          commit(each),
          reached(each.reachedAt()),
          Integer.toString(each.vms()),
          each.problem());
    }
    return table;
  }

  /** With the one that is wanted where that is another. */
  private static String commit(SourceView source) {
    String commit = source.commit();
    String wanted = source.wanted();
    if (wanted == null || wanted.equals(commit)) {
      return commit == null ? "-" : shortened(commit);
    }
    return (commit == null ? "none" : shortened(commit)) + ", wanted " + shortened(wanted);
  }

  private static String shortened(String commit) {
    return commit.substring(0, Math.min(SHORT_COMMIT, commit.length()));
  }

  private static String reached(@Nullable Instant time) {
    return time == null ? "-" : EventsCommand.seconds(time);
  }
}
