package dev.vmctl.source;

import dev.vmctl.model.SourceId;

/** A place that declares VMs. */
public interface Source {
  SourceId id();

  /** What people call it. */
  default String name() {
    return id().location();
  }

  /** Looks at the source now. Never throws for what it finds: that is in the snapshot. */
  Snapshot read();
}
