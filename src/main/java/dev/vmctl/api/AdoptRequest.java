package dev.vmctl.api;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.nio.file.Path;
import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * Which VMs that others have made are to become VMs of vmctl.
 *
 * @param names as they will be called, or are in {@code vmsJson}; for all of those none
 * @param qmp the control socket of a machine that runs; absolute
 * @param disk which of its disks is the root disk; null when it has one only
 * @param vmsJson what the original vmctl has written down; absolute. Without this and {@code qmp}
 *     those are taken back that were released
 * @param as another name for the one VM of {@code vmsJson}
 * @param dryRun whether to say only what would be done
 */
public record AdoptRequest(
    List<String> names,
    @Nullable Path qmp,
    @Nullable Path disk,
    @Nullable Path vmsJson,
    @Nullable VmName as,
    boolean dryRun) {
  public AdoptRequest {
    names = List.copyOf(names);
    boolean one = names.size() == 1;
    if (qmp != null && vmsJson != null) {
      throw usage("a machine has a socket or is in a vms.json, not both", "leave one of them out");
    }
    if (qmp != null && !one) {
      throw usage("a machine gets one name", "name one VM");
    }
    if (names.isEmpty() && vmsJson == null) {
      throw usage("no VM is named", "name one, or those of the original: --original --all");
    }
    if (disk != null && qmp == null) {
      throw usage("a disk is named, but no machine that has it", "name its socket: --qmp PATH");
    }
    if (as != null && (vmsJson == null || !one)) {
      throw usage("another name is for one VM of the original", "name that one VM");
    }
  }

  private static VmException usage(String message, String help) {
    return new VmException(ErrorCode.USAGE, message, help);
  }
}
