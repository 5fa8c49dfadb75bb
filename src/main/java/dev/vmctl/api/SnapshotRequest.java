package dev.vmctl.api;

import java.util.Objects;

/**
 * What is wanted with a snapshot.
 *
 * @param name of the snapshot
 * @param diskOnly whether the guest's memory is left out of it, also where there is one
 * @param start whether the VM is to run once it is restored; with memory it runs in any case
 */
public record SnapshotRequest(String name, boolean diskOnly, boolean start) {
  public SnapshotRequest {
    Objects.requireNonNull(name);
  }
}
