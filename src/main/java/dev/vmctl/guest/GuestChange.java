package dev.vmctl.guest;

import dev.vmctl.model.MacAddress;
import dev.vmctl.model.VmSpec;
import java.util.List;
import java.util.Objects;

/**
 * What changes of a guest that runs.
 *
 * @param from what it was made to be
 * @param to what it is to be
 * @param newCards addresses of cards that it did not have
 */
public record GuestChange(VmSpec from, VmSpec to, List<MacAddress> newCards) {
  public GuestChange {
    Objects.requireNonNull(from);
    Objects.requireNonNull(to);
    newCards = List.copyOf(newCards);
  }
}
