package dev.vmctl.host;

import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Optional;

/** The processes of this host. */
public interface HostProcesses {
  /**
   * Starts a program in a session of its own: it outlives this process however that ends, reads
   * nothing, inherits no open file, and writes to a file. Where systemd runs the host and a scope
   * is asked for, it gets one, and outlives the service we may be part of.
   *
   * @throws dev.vmctl.model.VmException IO when it cannot be started at all; a program that starts
   *     and ends at once is no error here
   */
  HostProcess start(ProcessStart start);

  /** The process that has this number now; empty when there is none, or only a zombie. */
  Optional<HostProcess> find(long pid);

  /**
   * The command line of a process, empty when it is gone. Where the host tells it as one line only,
   * it is divided at blanks.
   */
  List<String> commandLine(HostProcess process);

  /** Whether it still runs; a zombie does not. */
  boolean isAlive(HostProcess process);

  /**
   * Sends a signal, to this very process or to none.
   *
   * @return false when it is gone already
   * @throws dev.vmctl.model.VmException IO when we may not signal it
   */
  boolean signal(HostProcess process, Signal signal);

  /**
   * Waits for the end of any process, our child or not; on Linux without polling.
   *
   * @return false when it still ran at the deadline
   */
  boolean awaitExit(HostProcess process, Duration deadline) throws InterruptedException;

  /**
   * A process of any user whose command line has these words, one right after the other; looks at
   * every process of the host.
   */
  Optional<HostProcess> search(List<String> words);

  /**
   * The process that listens on this unix socket, by the kernel's own word; empty when nobody does,
   * or this host does not tell.
   */
  default Optional<HostProcess> listener(Path socket) {
    return Optional.empty();
  }

  /** The working directory of a process; empty when it is gone, or this host does not tell. */
  default Optional<Path> directory(HostProcess process) {
    return Optional.empty();
  }

  /** Whose rights a process has; empty when it is gone, or this host does not tell. */
  default Optional<ProcessUser> user(HostProcess process) {
    return Optional.empty();
  }

  /**
   * Calls back once when a process has ended, at once if it has already.
   *
   * @param then called from any thread
   */
  default ExitWatch watchExit(HostProcess process, Runnable then) {
    return ThreadedExitWatch.start(this, process, then);
  }

  /**
   * Runs a short tool to its end.
   *
   * @throws dev.vmctl.model.VmException TIMEOUT when it ran past its deadline (it was killed), IO
   *     when there is no such program or it wrote more than 16 MiB
   */
  ToolResult run(ToolRun tool) throws InterruptedException;
}
