package dev.vmctl.host;

import java.io.IOException;
import java.io.InputStream;
import java.lang.ProcessBuilder.Redirect;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.atomic.AtomicBoolean;

/**
 * Starts programs in systemd scopes of their own. A session alone does not outlive a service whose
 * unit says {@code KillMode=control-group}, the default: systemd kills by control group.
 *
 * <p>{@code systemd-run --scope} moves itself into the new scope and then becomes its command, as
 * do the shell and {@code setsid} after it: the pid we started is the program's throughout.
 */
final class SystemdScopes {
  private static final System.Logger LOG = Log.of(SystemdScopes.class);
  private static final Path BOOTED = Path.of("/run/systemd/system");
  private static final Duration DEADLINE = Duration.ofSeconds(10);

  /** Stopped before its scope at the host's shutdown: it lets the guests end by themselves. */
  private static final String DRAIN = "--property=Before=vmctl-drain.service";

  private static final String STARTED = "vmctl-scope-started";

  /**
   * Runs inside the scope, stdout on the program's file, stderr on a pipe to us: tells us that the
   * scope is there, and hands neither the pipe nor another descriptor to the program.
   */
  private static final String INSIDE =
      "exec 3>&2 2>&1; echo " + STARTED + " >&3; exec setsid \"$@\" 3>&-";

  private final Path booted;
  private final LinuxHostFacts facts;
  private final Duration deadline;
  private final AtomicBoolean failureTold = new AtomicBoolean();

  /**
   * @param booted a directory that is there when systemd runs this host
   * @param deadline after this a {@code systemd-run} that does not get its scope is killed
   */
  SystemdScopes(Path booted, LinuxHostFacts facts, Duration deadline) {
    this.booted = booted;
    this.facts = facts;
    this.deadline = deadline;
  }

  static SystemdScopes ofThisHost() {
    return new SystemdScopes(BOOTED, LinuxHostFacts.ofThisProcess(), DEADLINE);
  }

  /**
   * Starts a program in a scope.
   *
   * @return empty when it was not started, because no scope was asked for or none can be had
   */
  Optional<Process> start(ProcessStart start) {
    if (start.scope() == null || !Files.isDirectory(booted)) {
      return Optional.empty();
    }
    // The clock counts from boot, and no scope is older than that: the name is never in use.
    String unit = start.scope() + "-" + Long.toHexString(System.nanoTime());
    return facts
        .findProgram("systemd-run")
        .flatMap(systemdRun -> start(command(systemdRun, unit, start.command()), start.output()));
  }

  /** The command line that runs a program in a new scope. */
  List<String> command(Path systemdRun, String unit, List<String> program) {
    List<String> command = new ArrayList<>();
    command.add(systemdRun.toString());
    command.addAll(List.of("--scope", "--quiet", "--collect", "--unit=" + unit, DRAIN));
    // Else it is all of the program's command line, in every list of units.
    command.add("--description=A program of vmctl: " + program.getFirst());
    if (facts.userId() != 0) {
      command.add("--user");
    }
    command.addAll(List.of("--", "/bin/sh", "-c", INSIDE, "vmctl-scope"));
    command.addAll(program);
    return command;
  }

  private Optional<Process> start(List<String> command, Path output) {
    String said;
    try {
      Process child =
          new ProcessBuilder(command)
              .directory(Path.of("/").toFile())
              .redirectInput(Path.of("/dev/null").toFile())
              .redirectOutput(Redirect.appendTo(output.toFile()))
              .start();
      said = listen(child);
      if (said.lines().anyMatch(STARTED::equals)) {
        return Optional.of(child);
      }
      child.destroyForcibly();
    } catch (IOException e) {
      said = String.valueOf(e.getMessage());
    }
    tell(said.strip());
    return Optional.empty();
  }

  /** What is said before the program begins or systemd-run gives up: both close the pipe. */
  private String listen(Process child) throws IOException {
    CountDownLatch heard = new CountDownLatch(1);
    Thread.ofVirtual().start(() -> killUnless(heard, child));
    try (InputStream errors = child.getErrorStream()) {
      return new String(errors.readAllBytes(), StandardCharsets.UTF_8);
    } finally {
      heard.countDown();
    }
  }

  private void killUnless(CountDownLatch heard, Process child) {
    try {
      if (!heard.await(deadline.toNanos(), TimeUnit.NANOSECONDS)) {
        child.destroyForcibly();
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  private void tell(String reason) {
    if (failureTold.compareAndSet(false, true)) {
      LOG.log(
          System.Logger.Level.WARNING,
          "no systemd scope for a VM ({0}): where vmctl runs as a service without"
              + " KillMode=process, stopping it stops such VMs",
          reason.isEmpty() ? "systemd-run did not answer" : reason);
    }
  }
}
