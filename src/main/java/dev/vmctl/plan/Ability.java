package dev.vmctl.plan;

import dev.vmctl.model.Capabilities;
import dev.vmctl.model.Capabilities.Capability;
import dev.vmctl.model.LiveRoom;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * What can be changed of a VM without stopping it.
 *
 * @param backend what its hypervisor can do
 * @param room what the guest that runs was started with room for; null when it does not run, or was
 *     started by a vmctl that left none
 * @param reached whether there is a way into the guest by SSH
 * @param refused paths of fields that this run of the guest has refused to have changed
 */
public record Ability(
    Set<Capability> backend, @Nullable LiveRoom room, boolean reached, Set<String> refused) {
  /** Nothing can be changed of a guest that runs. */
  public static final Ability NONE = new Ability(Set.of(), null, false, Set.of());

  public Ability {
    backend = Set.copyOf(backend);
    refused = Set.copyOf(refused);
  }

  /** That of a guest that runs on such a backend. */
  public static Ability of(
      Capabilities backend, @Nullable LiveRoom room, boolean reached, Set<String> refused) {
    return new Ability(Objects.requireNonNull(backend).all(), room, reached, refused);
  }

  boolean has(Capability capability) {
    return backend.contains(capability);
  }
}
