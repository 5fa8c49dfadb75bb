package dev.vmctl.host;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.time.format.DateTimeFormatter;
import java.time.format.DateTimeParseException;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The processes of a FreeBSD host, which has no {@code /proc} and no pidfds: identities from ps(1),
 * signals by kill(1), a session of its own by daemon(8).
 *
 * <p>A process's start is known to the second and moves when the clock is set, so a signal may in
 * theory reach another process that got the same number within two seconds.
 */
public final class UnixHostProcesses implements HostProcesses {
  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final long LOOK_AGAIN_MILLIS = 100;
  private static final long SAME_START_SECONDS = 2;
  private static final File NOTHING = new File("/dev/null");

  /** Tells its number before it becomes the program: a number that does not change any more. */
  private static final String INSIDE = "echo $$ >\"$0\"; exec \"$@\"";

  /** As {@code lstart} in the C locale; the day is padded with a blank, and blanks are squeezed. */
  private static final DateTimeFormatter STARTED =
      DateTimeFormatter.ofPattern("EEE MMM d HH:mm:ss yyyy", Locale.ROOT);

  private final ToolRunner tools = new ToolRunner();
  private final List<String> launcher;

  public UnixHostProcesses() {
    // Without -f: the program keeps the file that we give it for its output.
    this(List.of("daemon", "-c"));
  }

  /**
   * @param launcher runs its further arguments in a new session, and ends at once
   */
  UnixHostProcesses(List<String> launcher) {
    this.launcher = List.copyOf(launcher);
  }

  @Override
  public HostProcess start(ProcessStart start) {
    try {
      Path number = Files.createTempFile("vmctl-", ".pid");
      try {
        launch(start, number);
        long pid = awaitNumber(number);
        return find(pid).orElseGet(() -> new HostProcess(pid, HostProcess.GONE));
      } finally {
        Files.deleteIfExists(number);
      }
    } catch (IOException e) {
      throw notStarted(start, String.valueOf(e.getMessage()), e);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw notStarted(start, "interrupted", e);
    }
  }

  private void launch(ProcessStart start, Path number) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(launcher);
    command.addAll(List.of("/bin/sh", "-c", INSIDE, number.toString()));
    command.addAll(start.command());
    Process launched =
        new ProcessBuilder(command)
            .directory(new File("/"))
            .redirectInput(NOTHING)
            .redirectErrorStream(true)
            .redirectOutput(Redirect.appendTo(start.output().toFile()))
            .start();
    if (!launched.waitFor(ANSWER.toMillis(), TimeUnit.MILLISECONDS) || launched.exitValue() != 0) {
      launched.destroyForcibly();
      throw new IOException(launcher.getFirst() + " failed; see " + start.output());
    }
  }

  private static long awaitNumber(Path file) throws IOException, InterruptedException {
    long end = System.nanoTime() + ANSWER.toNanos();
    String text = Files.readString(file);
    while (!text.endsWith("\n")) {
      if (System.nanoTime() - end > 0) {
        throw new IOException("it did not say which process it is");
      }
      TimeUnit.MILLISECONDS.sleep(2);
      text = Files.readString(file);
    }
    return Long.parseLong(text.strip());
  }

  private static VmException notStarted(ProcessStart start, String why, Exception cause) {
    return new VmException(
        ErrorCode.IO,
        "cannot start " + start.command().getFirst() + ": " + why,
        "check that the program and daemon(8) are there",
        cause);
  }

  @Override
  public Optional<HostProcess> find(long pid) {
    ToolResult shown = ask("ps", "-o", "lstart=", "-o", "stat=", "-p", Long.toString(pid));
    return shown.succeeded() ? parse(pid, shown.output()) : Optional.empty();
  }

  /** Five words of the start, and the state; empty for a process that is only a zombie. */
  static Optional<HostProcess> parse(long pid, String line) {
    List<String> words = words(line);
    if (words.size() != 6) {
      throw new VmException(
          ErrorCode.IO, "ps answered in words we do not know: " + line.strip(), "");
    }
    if (words.get(5).startsWith("Z")) {
      return Optional.empty();
    }
    try {
      LocalDateTime started = LocalDateTime.parse(String.join(" ", words.subList(0, 5)), STARTED);
      return Optional.of(new HostProcess(pid, started.toEpochSecond(ZoneOffset.UTC)));
    } catch (DateTimeParseException e) {
      throw new VmException(
          ErrorCode.IO, "ps answered in words we do not know: " + line.strip(), "", e);
    }
  }

  @Override
  public List<String> commandLine(HostProcess process) {
    ToolResult shown = ask("ps", "-ww", "-o", "args=", "-p", Long.toString(process.pid()));
    return shown.succeeded() && isAlive(process) ? words(shown.output()) : List.of();
  }

  @Override
  public Optional<HostProcess> search(List<String> words) {
    String sought = " " + String.join(" ", words) + " ";
    return ask("ps", "-axww", "-o", "pid=", "-o", "args=")
        .output()
        .lines()
        .filter(line -> (String.join(" ", words(line)) + " ").contains(sought))
        .map(line -> Long.parseLong(words(line).getFirst()))
        .flatMap(pid -> find(pid).stream())
        .findFirst();
  }

  @Override
  public boolean isAlive(HostProcess process) {
    return find(process.pid())
        .filter(found -> isSame(found.startTicks(), process.startTicks()))
        .isPresent();
  }

  private static boolean isSame(long one, long other) {
    return other != HostProcess.GONE && Math.abs(one - other) <= SAME_START_SECONDS;
  }

  @Override
  public boolean signal(HostProcess process, Signal signal) {
    if (!isAlive(process)) {
      return false;
    }
    ToolResult result = ask("kill", "-" + signal.number(), Long.toString(process.pid()));
    if (!result.succeeded() && isAlive(process)) {
      throw new VmException(
          ErrorCode.IO,
          "cannot signal process " + process.pid() + ": " + result.errors().strip(),
          "it may belong to another user");
    }
    return result.succeeded();
  }

  /** Looks ten times a second whether there is a process of this number, which costs no command. */
  @Override
  public boolean awaitExit(HostProcess process, Duration deadline) throws InterruptedException {
    long end = System.nanoTime() + deadline.toNanos();
    if (!isAlive(process)) {
      return true;
    }
    while (isThere(process.pid())) {
      long left = TimeUnit.NANOSECONDS.toMillis(end - System.nanoTime());
      if (left <= 0) {
        return !isAlive(process);
      }
      TimeUnit.MILLISECONDS.sleep(Math.min(left, LOOK_AGAIN_MILLIS));
    }
    return true;
  }

  private static boolean isThere(long pid) {
    return ProcessHandle.of(pid).map(ProcessHandle::isAlive).orElse(false);
  }

  @Override
  public ToolResult run(ToolRun tool) throws InterruptedException {
    return tools.run(tool);
  }

  private ToolResult ask(String... command) {
    try {
      return tools.run(
          new ToolRun(Arrays.asList(command), Map.of("TZ", "UTC", "LC_ALL", "C"), "", ANSWER));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new VmException(
          ErrorCode.TIMEOUT, "interrupted while waiting for " + command[0], "try again", e);
    }
  }

  private static List<String> words(String text) {
    return List.of(text.strip().split("\\s+"));
  }
}
