package dev.vmctl.host;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.File;
import java.io.IOException;
import java.lang.ProcessBuilder.Redirect;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.TimeUnit;

/**
 * The processes of a FreeBSD or illumos host, which have no pidfds: identities from a {@link
 * ProcessTable}, signals by kill(1), a session of its own by a launcher.
 *
 * <p>A process's start is known to the second and moves when the clock is set, so a signal may in
 * theory reach another process that got the same number within two seconds.
 */
final class UnixHostProcesses implements HostProcesses {
  private static final Duration ANSWER = Duration.ofSeconds(10);
  private static final long LOOK_AGAIN_MILLIS = 100;
  private static final long SAME_START_SECONDS = 2;
  private static final File NOTHING = new File("/dev/null");

  /** Tells its number before it becomes the program: a number that does not change any more. */
  private static final String INSIDE = "echo $$ >\"$0\"; exec \"$@\"";

  private final ToolRunner tools = new ToolRunner();
  private final ProcessTable table;
  private final List<String> launcher;

  /**
   * @param launcher runs its further arguments in a new session, and ends at once
   */
  UnixHostProcesses(ProcessTable table, List<String> launcher) {
    this.table = table;
    this.launcher = List.copyOf(launcher);
  }

  /** Without -f: the program keeps the file that we give it for its output. */
  static UnixHostProcesses ofFreeBsd() {
    return new UnixHostProcesses(new PsTable(), List.of("daemon", "-c"));
  }

  /** A contract of its own, too: the end of our service must not end the program. */
  static UnixHostProcesses ofIllumos() {
    return new UnixHostProcesses(
        new PsinfoTable(Path.of("/proc")), List.of("ctrun", "-l", "none", "setpgrp"));
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

  private VmException notStarted(ProcessStart start, String why, Exception cause) {
    return new VmException(
        ErrorCode.IO,
        "cannot start " + start.command().getFirst() + ": " + why,
        "check that the program and " + launcher.getFirst() + " are there",
        cause);
  }

  @Override
  public Optional<HostProcess> find(long pid) {
    return table.find(pid).map(ProcessTable.Row::process);
  }

  @Override
  public List<String> commandLine(HostProcess process) {
    return table
        .find(process.pid())
        .filter(row -> isSame(row.process(), process))
        .map(ProcessTable.Row::words)
        .orElse(List.of());
  }

  @Override
  public Optional<HostProcess> search(List<String> words) {
    return table.all().stream()
        .filter(row -> Collections.indexOfSubList(row.words(), words) >= 0)
        .map(ProcessTable.Row::process)
        .findFirst();
  }

  @Override
  public boolean isAlive(HostProcess process) {
    return find(process.pid()).filter(found -> isSame(found, process)).isPresent();
  }

  private static boolean isSame(HostProcess one, HostProcess other) {
    return other.startTicks() != HostProcess.GONE
        && Math.abs(one.startTicks() - other.startTicks()) <= SAME_START_SECONDS;
  }

  @Override
  public boolean signal(HostProcess process, Signal signal) {
    if (!isAlive(process)) {
      return false;
    }
    ToolResult result =
        new HostCommands(this)
            .attempt(List.of("kill", "-" + signal.number(), Long.toString(process.pid())), ANSWER);
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
}
