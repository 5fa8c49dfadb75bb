package dev.vmctl.controller;

import dev.vmctl.model.SourceId;
import dev.vmctl.source.Snapshot;
import dev.vmctl.source.Snapshot.Trust;
import dev.vmctl.source.Source;
import java.util.List;
import java.util.Set;

/**
 * Stands for a source that was added and cannot be followed any more: what it declares is unknown,
 * so that its VMs stay as they are.
 */
record UnusableSource(SourceId id, String name, String why) implements Source {
  @Override
  public Snapshot read() {
    return new Snapshot(id, Trust.UNKNOWN, why, "", List.of(), Set.of(), Set.of(), List.of());
  }
}
