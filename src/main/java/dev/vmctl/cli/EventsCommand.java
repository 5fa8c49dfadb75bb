package dev.vmctl.cli;

import dev.vmctl.api.EventQuery;
import dev.vmctl.api.Vmctl;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmEvent;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.time.Duration;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Set;
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
  private static final Duration AGAIN = Duration.ofMillis(500);

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
          List<VmEvent> events = vmctl.events(query);
          print(events.stream().filter(wanted).toList(), true);
          if (follow) {
            follow(vmctl, events, wanted);
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
  private void follow(Vmctl vmctl, List<VmEvent> told, Predicate<VmEvent> wanted) {
    Set<VmEvent> known = new HashSet<>(told);
    Instant from = latest(told, session.surroundings().clock().instant());
    while (true) {
      session.terminal().flush();
      pause();
      List<VmEvent> now = vmctl.events(new EventQuery(vm, from));
      print(now.stream().filter(event -> !known.contains(event)).filter(wanted).toList(), false);
      // Those of the same moment are asked for again, as one may come late.
      known.retainAll(now);
      known.addAll(now);
      from = latest(now, from);
    }
  }

  private static Instant latest(List<VmEvent> events, Instant otherwise) {
    return events.stream().map(VmEvent::time).max(Instant::compareTo).orElse(otherwise);
  }

  private static void pause() {
    try {
      Thread.sleep(AGAIN);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new VmException(ErrorCode.TIMEOUT, "interrupted", "", e);
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
