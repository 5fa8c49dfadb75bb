package dev.vmctl.store;

import com.fasterxml.jackson.annotation.JsonProperty;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A VM as the original vmctl has it in its {@code vms.json}. What an older one did not write has
 * its defaults of then.
 *
 * @param backend {@code qemu}, {@code propolis} or {@code noop}
 * @param directory the VM's own
 * @param control its QMP socket, also while it does not run
 * @param pid of its last start: only a hint
 * @param sshPort port of the host that leads to the guest's SSH
 */
public record OriginalVm(
    @JsonProperty("backend") String backend,
    @JsonProperty("work_dir") @Nullable Path directory,
    @JsonProperty("overlay_path") @Nullable Path disk,
    @JsonProperty("seed_iso_path") @Nullable Path seed,
    @JsonProperty("pid") @Nullable Long pid,
    @JsonProperty("qmp_socket") @Nullable Path control,
    @JsonProperty("vcpus") @Nullable Integer vcpus,
    @JsonProperty("memory_mb") @Nullable Long memoryMb,
    @JsonProperty("network") @Nullable Network network,
    @JsonProperty("ssh_host_port") @Nullable Integer sshPort,
    @JsonProperty("mac_addr") @Nullable String mac,
    @JsonProperty("uefi") boolean uefi) {
  private static final int USUAL_VCPUS = 1;
  private static final long USUAL_MEMORY = 1024;

  /**
   * How it is connected.
   *
   * @param type {@code user}, {@code tap}, {@code vnic} or {@code none}, in small letters or with a
   *     capital
   */
  public record Network(String type, @Nullable String bridge) {}

  public OriginalVm {
    Objects.requireNonNull(backend);
    vcpus = Objects.requireNonNullElse(vcpus, USUAL_VCPUS);
    memoryMb = Objects.requireNonNullElse(memoryMb, USUAL_MEMORY);
    network = Objects.requireNonNullElse(network, new Network("user", null));
  }
}
