package dev.vmctl.hypervisor;

import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.MacAddress;
import dev.vmctl.model.VmSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * One start of a VM.
 *
 * @param spec what was declared; an undeclared field takes its value from {@code previous} if that
 *     has it, else its default
 * @param previous what this VM was resolved to before (null at creation, and in parts cleared by
 *     the engine where the declaration changed)
 * @param disk the root disk; null when the backend has none
 * @param dataDisks beside the root disk
 * @param seed the NoCloud seed; null when the backend has none
 */
public record Launch(
    VmHandle vm,
    VmSpec spec,
    MacAddress mac,
    @Nullable LaunchFacts previous,
    @Nullable Path disk,
    List<DataDisk> dataDisks,
    @Nullable Path seed) {
  public Launch {
    Objects.requireNonNull(vm);
    Objects.requireNonNull(spec);
    Objects.requireNonNull(mac);
    dataDisks = List.copyOf(dataDisks);
  }
}
