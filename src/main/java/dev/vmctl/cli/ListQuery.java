package dev.vmctl.cli;

import dev.vmctl.api.VmStatus;
import dev.vmctl.api.VmSummary;
import dev.vmctl.api.Vmctl;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collection;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;

/** {@code list} of some VMs, or while they change. */
final class ListQuery {
  private static final Duration PATIENCE = Duration.ofSeconds(30);

  private final Session session;
  private final ListCommand command;
  private final VmSelection selection;

  ListQuery(Session session, ListCommand command, VmSelection selection) {
    this.session = session;
    this.command = command;
    this.selection = selection;
  }

  int run(Vmctl vmctl, boolean watch) {
    VmSelection.Chosen chosen = selection.choose(vmctl, session);
    if (watch && command.format() == OutputFormat.JSON) {
      print(chosen.vms(), List.of()); // Each VM alone from the first, as those that follow.
    } else {
      command.print(chosen.vms());
    }
    session.terminal().flush();
    if (watch && !(selection.isNamed() && chosen.vms().isEmpty())) {
      try (VmFeed feed = new VmFeed(vmctl, selection.isNamed() ? chosen.names() : Set.of())) {
        watch(feed, chosen.vms());
      }
    }
    return chosen.code(ExitCode.DONE);
  }

  /** Until Ctrl-C; of VMs that were named, until the last is gone. */
  private void watch(VmFeed feed, List<VmSummary> shown) {
    Map<String, VmSummary> known = new TreeMap<>();
    shown.forEach(vm -> known.put(vm.name(), vm));
    do {
      VmFeed.News news = feed.next(PATIENCE);
      List<VmSummary> changed =
          news.changed().stream()
              .map(VmStatus::summary)
              .filter(selection::matches)
              .filter(vm -> !vm.equals(known.put(vm.name(), vm)))
              .toList();
      print(changed, known.values());
      for (String gone : news.gone()) {
        if (known.remove(gone) != null) {
          session.terminal().say(gone + ": gone");
        }
      }
    } while (session.terminal().isRead() && (!selection.isNamed() || !known.isEmpty()));
  }

  private void print(List<VmSummary> changed, Collection<VmSummary> all) {
    Terminal terminal = session.terminal();
    OutputOption output = command.output();
    switch (output.format) {
      case TABLE, WIDE, SARIF -> {
        // Below those that were printed before, hence as wide as all.
        List<VmSummary> measured = new ArrayList<>(all);
        measured.addAll(changed);
        output.print(terminal, command.table(measured).last(changed.size()));
      }
      case JSON -> output.data(terminal).jsonLines(changed);
      case YAML -> changed.forEach(vm -> output.data(terminal).yaml(List.of(vm)));
      case NAME -> changed.forEach(vm -> terminal.out().println(vm.name()));
    }
  }
}
