package dev.vmctl.hypervisor;

import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.MacAddress;
import dev.vmctl.model.VmSpec;
import java.nio.file.Path;
import java.util.ArrayList;
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
 * @param memory tag, within the disks, of the memory that the guest goes on from; null to boot
 */
public record Launch(
    VmHandle vm,
    VmSpec spec,
    MacAddress mac,
    @Nullable LaunchFacts previous,
    @Nullable Path disk,
    List<DataDisk> dataDisks,
    @Nullable Path seed,
    @Nullable String memory) {
  public Launch {
    Objects.requireNonNull(vm);
    Objects.requireNonNull(spec);
    Objects.requireNonNull(mac);
    dataDisks = List.copyOf(dataDisks);
  }

  /** One that boots. */
  public Launch(
      VmHandle vm,
      VmSpec spec,
      MacAddress mac,
      @Nullable LaunchFacts previous,
      @Nullable Path disk,
      List<DataDisk> dataDisks,
      @Nullable Path seed) {
    this(vm, spec, mac, previous, disk, dataDisks, seed, null);
  }

  /** The disks that it opens, the root disk first. */
  public List<Path> disks() {
    List<Path> all = new ArrayList<>();
    if (disk != null) {
      all.add(disk);
    }
    dataDisks.forEach(each -> all.add(each.file()));
    return all;
  }
}
