package dev.vmctl.host;

/** Somebody waits for the end of a process. Closing ends the waiting, not the process. */
public interface ExitWatch extends AutoCloseable {
  @Override
  void close();
}
