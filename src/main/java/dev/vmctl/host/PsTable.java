package dev.vmctl.host;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** What ps(1) of FreeBSD tells. */
final class PsTable implements ProcessTable {
  private static final Duration ANSWER = Duration.ofSeconds(10);

  /** Before the command line: the number, five words of the start, the state. */
  private static final int HEAD = 7;

  private static final int STATE = 6;

  /** As {@code lstart} in the C locale; the day is padded with a blank, and blanks are squeezed. */
  private static final DateTimeFormatter STARTED =
      DateTimeFormatter.ofPattern("EEE MMM d HH:mm:ss yyyy", Locale.ROOT);

  private final ToolRunner tools = new ToolRunner();

  @Override
  public Optional<Row> find(long pid) {
    return rows(List.of("-p", Long.toString(pid))).stream().findFirst();
  }

  @Override
  public List<Row> all() {
    return rows(List.of("-ax"));
  }

  private List<Row> rows(List<String> which) {
    List<String> command = new ArrayList<>(List.of("ps", "-ww"));
    command.addAll(which);
    command.addAll(List.of("-o", "pid=", "-o", "lstart=", "-o", "stat=", "-o", "args="));
    ToolResult shown = ask(command);
    if (!shown.succeeded() && !shown.errors().isBlank()) {
      // To find nobody is a failure as well, but a silent one.
      throw new VmException(
          ErrorCode.IO, "ps cannot list processes: " + shown.errors().strip(), "run ps by hand");
    }
    return shown.output().lines().flatMap(line -> parse(line).stream()).toList();
  }

  private ToolResult ask(List<String> command) {
    try {
      return tools.run(new ToolRun(command, Map.of("TZ", "UTC", "LC_ALL", "C"), "", ANSWER));
    } catch (InterruptedException e) {
      throw VmException.interrupted("ps", e);
    }
  }

  /** Empty for a process that is only a zombie. */
  static Optional<Row> parse(String line) {
    List<String> words = List.of(line.strip().split("\\s+"));
    try {
      long pid = Long.parseLong(words.getFirst());
      LocalDateTime started =
          LocalDateTime.parse(String.join(" ", words.subList(1, STATE)), STARTED);
      HostProcess process = new HostProcess(pid, started.toEpochSecond(ZoneOffset.UTC));
      return words.get(STATE).startsWith("Z")
          ? Optional.empty()
          : Optional.of(new Row(process, words.subList(HEAD, words.size())));
    } catch (NumberFormatException | DateTimeParseException | IndexOutOfBoundsException e) {
      throw new VmException(
          ErrorCode.IO, "ps answered in words we do not know: " + line.strip(), "", e);
    }
  }
}
