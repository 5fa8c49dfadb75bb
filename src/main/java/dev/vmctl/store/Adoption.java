package dev.vmctl.store;

import java.time.Instant;
import java.util.Objects;
import java.util.UUID;

/**
 * That a VM was made by others.
 *
 * @param from where it was found, for people
 * @param diskId the disk that came with it, which stays where it is
 * @param diskBytes how large that was then
 * @param declared whether somebody has declared the VM since: until then what there is says what it
 *     was made of, as nobody has told
 */
public record Adoption(Instant at, String from, UUID diskId, long diskBytes, boolean declared) {
  public Adoption {
    Objects.requireNonNull(at);
    Objects.requireNonNull(from);
    Objects.requireNonNull(diskId);
  }

  Adoption asDeclared() {
    return new Adoption(at, from, diskId, diskBytes, true);
  }
}
