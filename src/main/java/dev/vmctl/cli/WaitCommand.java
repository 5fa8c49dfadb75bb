package dev.vmctl.cli;

import dev.vmctl.api.VmStatus;
import dev.vmctl.api.Vmctl;
import dev.vmctl.model.VmName;
import java.time.Duration;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.TreeSet;
import java.util.concurrent.Callable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code vmctl wait}. */
@Command(
    name = "wait",
    description = {
      "Wait until VMs are as asked, whoever makes them so.",
      "Asks for nothing: a VM that is held stopped is waited for until the time is over."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl wait web db",
      "  vmctl wait web --for stopped --timeout 1m",
      "  vmctl wait --all --for condition=Provisioned",
      "  vmctl wait web --for condition=Stalled=False",
      "  vmctl wait web --for gone",
    })
final class WaitCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private final VmSelection selection = new VmSelection();

  private WaitedFor wanted = WaitedFor.parse("ready");

  @Option(
      names = "--for",
      paramLabel = "WHAT",
      defaultValue = "ready",
      completionCandidates = WaitedFor.Words.class,
      description =
          "ready, running, stopped, suspended, gone, or condition=NAME[=STATUS]. Default: ${DEFAULT-VALUE}.")
  @SuppressWarnings("UnusedMethod") // the parser calls it
  private void read(String text) {
    wanted = WaitedFor.parse(text);
  }

  @Option(
      names = "--timeout",
      paramLabel = "TIME",
      defaultValue = "10m",
      description = "How long to wait. Default: ${DEFAULT-VALUE}.")
  private Duration timeout = Duration.ofMinutes(10);

  WaitCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    selection.require();
    return session.read(this::await);
  }

  private int await(Vmctl vmctl) {
    Terminal terminal = session.terminal();
    VmSelection.Chosen chosen =
        wanted.isGone() && selection.isNamed()
            ? selection.chooseThose(vmctl)
            : selection.choose(vmctl, session);
    if (chosen.vms().isEmpty()) {
      return wanted.isGone() ? ExitCode.DONE : ExitCode.FAILED;
    }
    TreeMap<VmName, String> open = new TreeMap<>();
    chosen.names().forEach(name -> open.put(name, "nothing was heard of it"));
    try (Progress progress = Progress.on(terminal, session.surroundings());
        VmFeed feed = new VmFeed(vmctl, chosen.names())) {
      follow(feed, open, progress);
      open.keySet().forEach(name -> progress.end(name.value(), "not " + wanted.text(), false));
    }
    ErrorText text = new ErrorText(terminal);
    open.forEach(
        (name, last) ->
            text.print(
                "timeout",
                name
                    + ": not "
                    + wanted.text()
                    + " after "
                    + DurationText.of(timeout)
                    + "; "
                    + last,
                "see 'vmctl status " + name + "'"));
    return chosen.code(open.isEmpty() ? ExitCode.DONE : ExitCode.FAILED);
  }

  /** Takes out of {@code open} what is as it is wanted, until the time is over. */
  private void follow(VmFeed feed, Map<VmName, String> open, Progress progress) {
    long end = session.surroundings().nanoTime().getAsLong() + timeout.toNanos();
    long left = timeout.toNanos();
    do {
      VmFeed.News news =
          feed.next(Duration.ofNanos(Math.min(left, Duration.ofSeconds(1).toNanos())));
      news.changed().forEach(vm -> look(vm, open, progress));
      Set<VmName> gone = new TreeSet<>();
      news.gone().forEach(name -> gone.add(new VmName(name)));
      for (VmName name : gone) {
        if (wanted.isGone()) {
          open.remove(name);
          progress.end(name.value(), wanted.text(), true);
        } else {
          open.replace(name, "it is gone");
        }
      }
      progress.tick();
      left = end - session.surroundings().nanoTime().getAsLong();
    } while (left > 0 && !open.isEmpty());
  }

  private void look(VmStatus vm, Map<VmName, String> open, Progress progress) {
    VmName name = new VmName(vm.summary().name());
    if (!open.containsKey(name)) {
      return;
    }
    if (wanted.isSo(vm)) {
      open.remove(name);
      progress.end(name.value(), wanted.text(), true);
    } else {
      String now = vm.activity().isEmpty() ? vm.summary().state() : vm.activity();
      VmStatus.Failure failure = vm.failure();
      open.put(
          name,
          "the latest was: " + now + (failure == null ? "" : ", after: " + failure.message()));
      progress.phase(name.value(), now);
    }
  }
}
