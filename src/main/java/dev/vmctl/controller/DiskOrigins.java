package dev.vmctl.controller;

import dev.vmctl.disk.TrashEntry;
import dev.vmctl.image.CachedImage;
import dev.vmctl.image.ImageSource;
import dev.vmctl.store.Pin;
import dev.vmctl.store.VmRecord;
import java.util.Optional;
import java.util.UUID;

/**
 * What the root disk that a VM should have is made of. A disk that it has had is taken back out of
 * the trash; a declaration that it has had has the image of then, whatever its source holds now.
 */
final class DiskOrigins {
  private final EngineParts parts;

  DiskOrigins(EngineParts parts) {
    this.parts = parts;
  }

  /** The disk itself, from the trash. */
  Optional<TrashEntry> kept(VmRecord record) {
    return kept(record, record.desired().diskId());
  }

  /** A root disk of this VM in the trash. */
  Optional<TrashEntry> kept(VmRecord record, UUID disk) {
    return parts.disks().trash().stream()
        .filter(entry -> entry.isReadable() && !entry.wholeVm() && entry.dataDisk() == null)
        .filter(entry -> entry.vm().equals(record.name()) && entry.diskId().equals(disk))
        .findFirst();
  }

  /** The image for a new one; empty while it is not in the cache. */
  Optional<CachedImage> image(VmRecord record) {
    Pin pin = record.desired().pin();
    return Optional.ofNullable(pin)
        .flatMap(pinned -> Optional.ofNullable(pinned.imageDigest()))
        .flatMap(parts.images()::byDigest)
        .or(() -> ImageSource.of(record.desired().spec()).flatMap(parts.images()::lookup));
  }
}
