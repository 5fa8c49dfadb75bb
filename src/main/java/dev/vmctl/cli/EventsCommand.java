package dev.vmctl.cli;

import dev.vmctl.api.EventPage;
import dev.vmctl.api.EventQuery;
import dev.vmctl.api.Vmctl;
import dev.vmctl.model.VmEvent;
import dev.vmctl.model.VmName;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.concurrent.Callable;
import java.util.function.Predicate;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.Spec;

/** {@code vmctl events}. */
@Command(
    name = "events",
    description = {
      "Show what happened, oldest first.",
      "The same again within ten minutes is one line, with a count."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl events",
      "  vmctl events --vm web --since 10m",
      "  vmctl events --type warning -f   as they happen, until Ctrl-C",
      "  vmctl events -o json      one object per line",
    })
final class EventsCommand implements Callable<Integer> {
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(30);

  private final Session session;
  @Mixin private final OutputOption output = new OutputOption();
  @Spec private CommandSpec spec = CommandSpec.create();

  @Option(names = "--vm", paramLabel = "NAME", description = "Only of this VM.")
  private @Nullable VmName vm;

  @Mixin private final SinceOption since = new SinceOption();

  @Option(
      names = "--type",
      paramLabel = "normal|warning",
      description = "Only of this type; may be the beginning of the word.")
  private @Nullable String type;

  @Option(
      names = {"-f", "--follow"},
      description = "Go on as more happens, until Ctrl-C.")
  private boolean follow;

  EventsCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    output.format.requireOneOf(spec, OutputFormat.TABLE, OutputFormat.JSON);
    Predicate<VmEvent> wanted = wanted();
    EventQuery query = new EventQuery(vm, since.moment(session));
    return session.read(
        vmctl -> {
          EventPage page = vmctl.events(query);
          print(page.events().stream().filter(wanted).toList(), true);
          if (follow) {
            follow(vmctl, page.next(), wanted);
          }
          return ExitCode.DONE;
        });
  }

  private Predicate<VmEvent> wanted() {
    String word = type == null ? "" : type.toLowerCase(Locale.ROOT);
    List<VmEvent.Type> meant =
        Arrays.stream(VmEvent.Type.values())
            .filter(each -> each.text().toLowerCase(Locale.ROOT).startsWith(word))
            .toList();
    if (meant.isEmpty()) {
      throw new CommandLine.ParameterException(
          spec.commandLine(), "--type: '" + type + "' is neither 'normal' nor 'warning'");
    }
    return event -> meant.contains(event.type());
  }

  /** One that is counted again comes again, with its count. */
  private void follow(Vmctl vmctl, long from, Predicate<VmEvent> wanted) {
    long next = from;
    while (session.terminal().isRead() && !Thread.currentThread().isInterrupted()) {
      EventPage page = vmctl.eventsAfter(next, LONGEST_WAIT);
      print(
          page.events().stream()
              .filter(event -> vm == null || vm.equals(event.vm()))
              .filter(wanted)
              .toList(),
          false);
      next = page.next();
    }
  }

  private void print(List<VmEvent> events, boolean first) {
    if (output.format == OutputFormat.JSON) {
      output.data(session.terminal()).jsonLines(events);
    } else if (first) {
      output.print(session.terminal(), table(events));
    } else if (!events.isEmpty()) {
      session.terminal().out().print(table(events).withoutHeading().text());
    }
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
