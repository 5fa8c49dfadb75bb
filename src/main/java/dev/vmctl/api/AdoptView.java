package dev.vmctl.api;

import dev.vmctl.model.VmSpec;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What was found of one VM, and what became of it.
 *
 * @param name its name
 * @param adopted whether it is vmctl's now
 * @param state {@code running}, {@code suspended} or {@code stopped}; empty when that was not found
 *     out
 * @param pid of its process; null when it does not run
 * @param from where it was found
 * @param disks its disks, which stay where they are
 * @param spec what a VMFile has to say of it so that nothing changes; null when nothing was found
 * @param notes what is not as with the VMs that vmctl makes
 * @param failure why it was not adopted; null when it was, or would be
 */
public record AdoptView(
    String name,
    boolean adopted,
    String state,
    @Nullable Long pid,
    String from,
    List<String> disks,
    @Nullable VmSpec spec,
    List<String> notes,
    VmStatus.@Nullable Failure failure) {
  public AdoptView {
    disks = List.copyOf(disks);
    notes = List.copyOf(notes);
  }

  /** One that can be adopted. */
  public AdoptView(
      String name,
      String state,
      @Nullable Long pid,
      String from,
      List<String> disks,
      @Nullable VmSpec spec,
      List<String> notes) {
    this(name, false, state, pid, from, disks, spec, notes, null);
  }

  public AdoptView asAdopted() {
    return new AdoptView(name, true, state, pid, from, disks, spec, notes, failure);
  }
}
