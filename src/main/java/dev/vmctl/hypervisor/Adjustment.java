package dev.vmctl.hypervisor;

import dev.vmctl.model.VmSpec;
import java.util.List;
import java.util.Objects;

/**
 * What is to change of a VM that runs.
 *
 * @param vm with the facts of the run that is under way
 * @param from what it was made to be
 * @param to what it should be: differs only in what this hypervisor can change live
 * @param dataDisks those of {@code to}; the files of new ones are there
 */
public record Adjustment(VmHandle vm, VmSpec from, VmSpec to, List<DataDisk> dataDisks) {
  public Adjustment {
    Objects.requireNonNull(vm);
    Objects.requireNonNull(from);
    Objects.requireNonNull(to);
    dataDisks = List.copyOf(dataDisks);
  }
}
