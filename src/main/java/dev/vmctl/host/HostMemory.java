package dev.vmctl.host;

/** The memory of this host. */
public interface HostMemory {
  /** Memory that could be given to a new process without swapping, in bytes. */
  long freeMemoryBytes();

  /** All there is, in bytes. */
  long totalMemoryBytes();
}
