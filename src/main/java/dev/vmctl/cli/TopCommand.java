package dev.vmctl.cli;

import dev.vmctl.api.VmSummary;
import dev.vmctl.api.Vmctl;
import dev.vmctl.host.ProcessUse;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code vmctl top}. */
@Command(
    name = "top",
    description = {
      "Show what VMs use of this host while they do, the busiest first, until Ctrl-C.",
      "CPU is in percent of one processor. The network is counted where the VM has a tap; nobody counts that of user networking."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl top",
      "  vmctl top -l tier=front --interval 5s",
      "  vmctl top --count 1 --no-headers       one look, for a script",
    })
final class TopCommand implements Callable<Integer> {
  private static final Path PROC = Path.of("/proc");
  private static final Path SYS = Path.of("/sys");
  private static final String CLEAR = "\u001b[H\u001b[J";
  private static final double TICKS_A_SECOND = 100;

  private final Session session;
  @Mixin private final VmSelection selection = new VmSelection();

  @Option(
      names = "--interval",
      paramLabel = "TIME",
      defaultValue = "2s",
      description = "Time between two looks. Default: ${DEFAULT-VALUE}.")
  private Duration interval = Duration.ofSeconds(2);

  @Option(names = "--count", paramLabel = "N", description = "End after so many. Default: never.")
  private @Nullable Integer count;

  @Option(names = "--no-headers", description = "Without the first line.")
  private boolean noHeaders;

  /** A VM between two looks. */
  private record Usage(VmSummary vm, ProcessUse before, ProcessUse after, double seconds) {
    double cpuPercent() {
      return 100 * (after.cpuTicks() - before.cpuTicks()) / TICKS_A_SECOND / seconds;
    }

    String rate(long from, long to) {
      return megabytes(Math.max(0, to - from) / seconds) + "/s";
    }

    String received() {
      ProcessUse.Network from = before.network();
      ProcessUse.Network to = after.network();
      return from == null || to == null ? "-" : rate(from.received(), to.received());
    }

    String sent() {
      ProcessUse.Network from = before.network();
      ProcessUse.Network to = after.network();
      return from == null || to == null ? "-" : rate(from.sent(), to.sent());
    }
  }

  TopCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    if (interval.isZero()) {
      throw new VmException(ErrorCode.USAGE, "--interval is 0", "give at least 1s");
    }
    if (count != null && count < 1) {
      throw new VmException(ErrorCode.USAGE, "--count is " + count, "give at least 1");
    }
    return session.read(this::show);
  }

  private int show(Vmctl vmctl) {
    Terminal terminal = session.terminal();
    VmSelection.Chosen chosen = selection.choose(vmctl, session);
    int code = chosen.code(ExitCode.DONE);
    if (selection.isNamed() && chosen.vms().isEmpty()) {
      return code;
    }
    Map<Long, ProcessUse> before = uses(chosen.vms());
    long looked = System.nanoTime();
    for (int i = 0; (count == null || i < count) && terminal.isRead(); i++) {
      pause();
      List<VmSummary> vms = i == 0 ? chosen.vms() : selection.chooseThose(vmctl).vms();
      Map<Long, ProcessUse> after = uses(vms);
      long now = System.nanoTime();
      TableText table = table(usages(vms, before, after, (now - looked) / 1e9));
      terminal.out().print(terminal.outIsTerminal() && count == null ? CLEAR : "");
      TableText shown = noHeaders ? table.withoutHeading() : table;
      terminal
          .out()
          .print(terminal.outIsTerminal() ? shown.fitting(TerminalMode::columns) : shown.text());
      terminal.flush();
      before = after;
      looked = now;
    }
    return code;
  }

  private static Map<Long, ProcessUse> uses(List<VmSummary> vms) {
    Map<Long, ProcessUse> uses = new TreeMap<>();
    for (VmSummary vm : vms) {
      Long pid = vm.pid();
      if (pid != null) {
        ProcessUse.of(PROC, SYS, pid).ifPresent(use -> uses.put(pid, use));
      }
    }
    return uses;
  }

  private static List<Usage> usages(
      List<VmSummary> vms,
      Map<Long, ProcessUse> before,
      Map<Long, ProcessUse> after,
      double seconds) {
    List<Usage> usages = new ArrayList<>();
    for (VmSummary vm : vms) {
      ProcessUse from = vm.pid() == null ? null : before.get(vm.pid());
      ProcessUse to = vm.pid() == null ? null : after.get(vm.pid());
      if (from != null && to != null) {
        usages.add(new Usage(vm, from, to, seconds));
      }
    }
    usages.sort(Comparator.comparingDouble(Usage::cpuPercent).reversed());
    return usages;
  }

  private static TableText table(List<Usage> usages) {
    TableText table =
        new TableText("NAME", "CPU%", "VCPUS", "MEM", "OF", "READ", "WRITTEN", "RECEIVED", "SENT");
    for (Usage use : usages) {
      table.row(
          use.vm().name(),
          String.format(Locale.ROOT, "%.1f", use.cpuPercent()),
          Integer.toString(use.vm().vcpus()),
          (use.after().memoryBytes() >> 20) + "M",
          use.vm().memoryMb() + "M",
          use.rate(use.before().readBytes(), use.after().readBytes()),
          use.rate(use.before().writtenBytes(), use.after().writtenBytes()),
          use.received(),
          use.sent());
    }
    return table;
  }

  private static String megabytes(double bytes) {
    return String.format(Locale.ROOT, "%.1fM", bytes / (1 << 20));
  }

  private void pause() {
    try {
      Thread.sleep(interval);
    } catch (InterruptedException stop) {
      throw VmException.interrupted("the next look", stop);
    }
  }
}
