package dev.vmctl.controller;

import dev.vmctl.model.VmSpec;
import dev.vmctl.store.VmRecord;
import java.util.UUID;

/** Writes what a guest is told when it boots. */
final class Seeds {
  private final EngineParts parts;
  private final Neighbourhood neighbourhood;

  Seeds(EngineParts parts, Neighbourhood neighbourhood) {
    this.parts = parts;
    this.neighbourhood = neighbourhood;
  }

  void write(VmRecord record, UUID instance) {
    write(record, record.desired().spec(), instance);
  }

  /** A guest that others have set up keeps what it was set up with, as long as its disk. */
  void write(VmRecord record, VmSpec spec, UUID instance) {
    if (record.isAdopted(instance)) {
      return;
    }
    parts
        .guests()
        .writeSeed(parts.data().vm(record.name()), spec, instance, neighbourhood.of(record, spec));
  }
}
