package dev.vmctl.guest;

import dev.vmctl.host.HostProcess;
import dev.vmctl.model.ShareFacts;
import dev.vmctl.model.ShareSpec;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * The directories that a guest is to have.
 *
 * @param facts how its hypervisor offers them
 * @param declared the same, in the same order, as the VMFile has them
 * @param machine the process that runs the guest: what serves it ends with that; null when nothing
 *     is shared
 */
public record GuestShares(
    List<ShareFacts> facts, List<ShareSpec> declared, @Nullable HostProcess machine) {
  /** Nothing is shared. */
  public static final GuestShares NONE = new GuestShares(List.of(), List.of(), null);

  public GuestShares {
    facts = List.copyOf(facts);
    declared = List.copyOf(declared);
    if (!facts.isEmpty()) {
      Objects.requireNonNull(machine);
    }
  }

  boolean isEmpty() {
    return facts.isEmpty();
  }

  /** Whether another way may be taken than the one that was offered first. */
  boolean mayGoAnotherWay(ShareFacts share) {
    int number = facts.indexOf(share);
    return number >= 0
        && number < declared.size()
        && declared.get(number).via() == ShareSpec.Via.AUTO;
  }
}
