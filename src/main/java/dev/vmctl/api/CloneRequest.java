package dev.vmctl.api;

import dev.vmctl.model.VmName;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * @param to name of the new VM
 * @param snapshot whose disks are copied; null for the present
 * @param start whether the new VM is to run
 */
public record CloneRequest(VmName to, @Nullable String snapshot, boolean start) {
  public CloneRequest {
    Objects.requireNonNull(to);
  }
}
