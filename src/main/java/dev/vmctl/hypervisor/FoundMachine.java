package dev.vmctl.hypervisor;

import dev.vmctl.model.ForwardSpec;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.MacAddress;
import dev.vmctl.model.NetworkSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * What a machine is that others have started: as far as vmctl could start it again itself.
 *
 * @param facts of its process
 * @param frozen whether its processors are
 * @param mac of its first card; null when it has none
 * @param forwards beside the port that leads to its SSH, which is among {@code facts}
 * @param dataDisks beside its root disk
 * @param seed what cloud-init in it reads; null when there is none
 * @param variables of its UEFI firmware; null when it has none
 * @param kernel booted directly; null when it boots from its disk
 * @param notes what it will not have any more once vmctl starts it, for people
 */
public record FoundMachine(
    LaunchFacts facts,
    boolean frozen,
    @Nullable MacAddress mac,
    NetworkSpec network,
    List<ForwardSpec> forwards,
    FoundDisk disk,
    List<FoundDisk> dataDisks,
    @Nullable Path seed,
    @Nullable Path variables,
    @Nullable Path kernel,
    @Nullable Path initrd,
    @Nullable String cmdline,
    List<String> notes) {
  public FoundMachine {
    Objects.requireNonNull(facts);
    Objects.requireNonNull(network);
    Objects.requireNonNull(disk);
    forwards = List.copyOf(forwards);
    dataDisks = List.copyOf(dataDisks);
    notes = List.copyOf(notes);
  }
}
