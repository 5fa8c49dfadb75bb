package dev.vmctl.host;

import java.time.Duration;

/** A thread that waits for the end of a process. */
final class ThreadedExitWatch implements ExitWatch {
  /** An interrupted wait may hold a descriptor for as long as this. */
  private static final Duration AT_A_TIME = Duration.ofMinutes(1);

  private final Thread thread;

  private ThreadedExitWatch(Thread thread) {
    this.thread = thread;
  }

  static ExitWatch start(HostProcesses processes, HostProcess process, Runnable then) {
    return new ThreadedExitWatch(
        Thread.ofVirtual()
            .name("watch-" + process.pid())
            .start(() -> await(processes, process, then)));
  }

  private static void await(HostProcesses processes, HostProcess process, Runnable then) {
    try {
      boolean ended = false;
      while (!ended) {
        ended = processes.awaitExit(process, AT_A_TIME);
      }
      then.run();
    } catch (InterruptedException e) {
      // Nobody waits any more.
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public void close() {
    thread.interrupt();
  }
}
