package dev.vmctl.host;

import java.nio.file.Path;

/** What this host has left for VMs. */
public interface HostRoom {
  /** Memory that could be given to a new process without swapping, in bytes. */
  long freeMemoryBytes();

  /** All there is, in bytes. */
  long totalMemoryBytes();

  /**
   * Space we may still use on the file system of this path, in bytes.
   *
   * @param path need not exist; the nearest parent that does decides
   */
  long freeDiskBytes(Path path);
}
