package dev.vmctl.store;

import java.time.Instant;
import java.util.Objects;

/**
 * The memory of a guest that does not run, kept within its disks: it goes on from there at its next
 * start. A guest is never let run while its record has one: what it wrote then would be lost with
 * the next start.
 *
 * @param tag the name that it has within the disks
 * @param whole whether it was seen to be there; one that is being written is not, and counts only
 *     if the disks turn out to have it
 * @param kept whether it is a snapshot of somebody's, which stays within the disks
 * @param unwanted whether somebody has given it up: the guest boots, and it is deleted before
 */
public record Saved(String tag, Instant at, boolean whole, boolean kept, boolean unwanted) {
  public Saved {
    Objects.requireNonNull(tag);
    Objects.requireNonNull(at);
  }

  /** One that is about to be written. */
  public static Saved begun(String tag, Instant at) {
    return new Saved(tag, at, false, false, false);
  }

  /** That of a snapshot, to which somebody wants to go back. */
  public static Saved of(KeptSnapshot snapshot) {
    return new Saved(snapshot.tag(), snapshot.at(), true, true, false);
  }

  public Saved asWhole() {
    return new Saved(tag, at, true, kept, unwanted);
  }

  public Saved asUnwanted() {
    return new Saved(tag, at, whole, kept, true);
  }
}
