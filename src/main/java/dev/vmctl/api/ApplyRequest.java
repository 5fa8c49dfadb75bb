package dev.vmctl.api;

import dev.vmctl.model.Declaration;
import dev.vmctl.model.SourceId;
import dev.vmctl.model.VmName;
import java.util.List;
import java.util.Objects;
import java.util.Set;

/**
 * A snapshot of one source to be applied by hand.
 *
 * @param declarations everything the source declares
 * @param only the VMs to act on; empty for all of them
 * @param prune whether VMs that this source no longer declares are removed
 * @param hold whether VMs are born held ({@code create} without {@code --start})
 */
public record ApplyRequest(
    SourceId source,
    List<Declaration> declarations,
    Set<VmName> only,
    boolean prune,
    boolean hold,
    Provisioning provisioning) {
  /** What to do about provision steps. */
  public enum Provisioning {
    /** Where they have not succeeded on this disk. */
    AS_NEEDED,
    /** Again, in any case. */
    AGAIN,
    /** Not at all. */
    SKIP
  }

  public ApplyRequest {
    Objects.requireNonNull(source);
    declarations = List.copyOf(declarations);
    only = Set.copyOf(only);
    Objects.requireNonNull(provisioning);
  }
}
