package dev.vmctl.disk;

/** Told how far a copy is; may be called from any thread. */
@FunctionalInterface
public interface CopyProgress {
  /**
   * @param doneBytes of the disk, zeros included
   * @param totalBytes size of the disk
   */
  void at(long doneBytes, long totalBytes);
}
