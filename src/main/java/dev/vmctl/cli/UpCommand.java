package dev.vmctl.cli;

import dev.vmctl.api.ApplyRequest;
import dev.vmctl.api.ApplyResult;
import dev.vmctl.api.VmSummary;
import dev.vmctl.api.Vmctl;
import dev.vmctl.model.VmName;
import java.nio.file.Path;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code vmctl up}. */
@Command(
    name = "up",
    description = {
      "Make the VMs of a VMFile as it says: create, start, change and provision what needs it.",
      "VMs that are so already are left alone. Later edits count at the next 'up'."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl up                        ./VMFile.kdl",
      "  vmctl up -f lab.kdl --name web  one VM of another file",
      "  vmctl up --provision            run the provision steps again",
      "  vmctl up --prune                also remove VMs that the file no longer declares",
    })
final class UpCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private final VmFileOptions vmFile = new VmFileOptions();
  @Mixin private final WaitOptions wait = new WaitOptions();
  @Mixin private final StartOptions start = new StartOptions();
  @ArgGroup private @Nullable ProvisionChoice provision;

  @Option(
      names = "--prune",
      description = "Remove VMs that the file no longer declares; their disks go to the trash.")
  private boolean prune;

  /** At most one of the two. */
  static final class ProvisionChoice {
    @Option(names = "--provision", description = "Run all provision steps, also those done.")
    boolean again;

    @Option(names = "--no-provision", description = "Run no provision steps.")
    boolean skip;
  }

  UpCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    session.requireFilesOfThisHost();
    VmFileOptions.Selection selection = vmFile.load(session);
    ApplyRequest request = selection.request(prune, provisioning());
    Map<VmName, Goal> goals = new TreeMap<>();
    selection.names().forEach(name -> goals.put(name, Goal.READY));
    try (Vmctl vmctl = session.writing(start.policy())) {
      int code =
          new Errand(session, vmctl, goals)
              .waiting(wait)
              .showingProvisioning()
              .run(() -> report(vmctl.apply(request)));
      sayWhatIsPinned(vmctl.list(), goals.keySet());
      if (!vmctl.info().daemon()) {
        sayThatNobodyHeals(vmFile.path(session));
      }
      return code;
    }
  }

  private ApplyRequest.Provisioning provisioning() {
    ProvisionChoice choice = provision;
    if (choice == null) {
      return ApplyRequest.Provisioning.AS_NEEDED;
    }
    return choice.again ? ApplyRequest.Provisioning.AGAIN : ApplyRequest.Provisioning.SKIP;
  }

  private void report(ApplyResult result) {
    for (VmName name : result.removed()) {
      session
          .terminal()
          .say(name + ": no longer declared, is being removed (its disk: 'vmctl trash list')");
    }
    for (VmName name : result.undeclared()) {
      session
          .terminal()
          .say(name + ": no longer declared, left alone ('vmctl up --prune' removes it)");
    }
  }

  /** Who says 'up' wants what the file says: where that is not in force it must not be silent. */
  private void sayWhatIsPinned(List<VmSummary> vms, Set<VmName> chosen) {
    vms.stream()
        .filter(vm -> vm.pinned() != null && chosen.contains(new VmName(vm.name())))
        .forEach(
            vm ->
                session
                    .terminal()
                    .say(
                        "note: "
                            + vm.name()
                            + " is rolled back to generation "
                            + vm.pinned()
                            + ", not as its VMFile says\n"
                            + "  help: edit its VMFile, or roll forth: vmctl history "
                            + vm.name()));
  }

  private void sayThatNobodyHeals(Path file) {
    session
        .terminal()
        .say(
            "note: no daemon runs, so nobody brings these VMs back when they fail, or follows edits\n"
                + "  help: 'vmctl daemon --watch "
                + file.getParent()
                + "' does");
  }
}
