package dev.vmctl.hypervisor;

import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.VmName;
import java.nio.file.Path;
import java.util.Objects;
import java.util.UUID;
import org.jspecify.annotations.Nullable;

/**
 * What a hypervisor needs to find a VM again.
 *
 * @param uuid identity of the VM, also in the hypervisor's own words
 * @param directory the VM's own directory (disk, seed, logs); absolute
 * @param runDirectory where sockets and pid files go, recorded in the claim (short enough for unix
 *     sockets); absolute
 * @param facts what the last start found out; null before the first
 */
public record VmHandle(
    VmName name, UUID uuid, Path directory, Path runDirectory, @Nullable LaunchFacts facts) {
  public VmHandle {
    Objects.requireNonNull(name);
    Objects.requireNonNull(uuid);
    Objects.requireNonNull(directory);
    Objects.requireNonNull(runDirectory);
  }

  /**
   * First part of the names of this VM's files in the run directory: 8 hexadecimal digits of the
   * uuid.
   */
  public String shortId() {
    return uuid.toString().substring(0, 8);
  }

  /** A file of this VM in the run directory, such as {@code qmp.sock}. */
  public Path runFile(String suffix) {
    return runDirectory.resolve(shortId() + "." + suffix);
  }
}
