package dev.vmctl.cli;

import dev.vmctl.api.EventQuery;
import dev.vmctl.model.VmEvent;
import dev.vmctl.model.VmName;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.List;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code vmctl events}. */
@Command(
    name = "events",
    description = "Show what happened, oldest first.",
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl events",
      "  vmctl events --vm web --since 10m",
      "  vmctl events -o json      one object per line",
    })
final class EventsCommand implements Callable<Integer> {
  private final Session session;
  @Mixin private final OutputOption output = new OutputOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--vm", paramLabel = "NAME", description = "Only of this VM.")
  private @Nullable VmName vm;

  @Mixin private final SinceOption since = new SinceOption();

  EventsCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    output.format.requireOneOf(spec, OutputFormat.TABLE, OutputFormat.JSON);
    EventQuery query = new EventQuery(vm, since.moment(session));
    List<VmEvent> events = session.read(vmctl -> vmctl.events(query));
    if (output.format == OutputFormat.JSON) {
      output.data(session.terminal()).jsonLines(events);
    } else {
      output.print(session.terminal(), table(events));
    }
    return ExitCode.DONE;
  }

  private static TableText table(List<VmEvent> events) {
    TableText table = new TableText("TIME", "TYPE", "REASON", "VM", "COUNT", "MESSAGE");
    for (VmEvent event : events) {
      VmName about = event.vm();
      table.row(
          seconds(event.time()),
          event.type().text(),
          event.reason(),
          about == null ? "-" : about.value(),
          Integer.toString(event.count()),
          event.message());
    }
    return table;
  }

  /** A moment as people read it: to the second. */
  static String seconds(Instant moment) {
    return moment.truncatedTo(ChronoUnit.SECONDS).toString();
  }
}
