package dev.vmctl.api;

import dev.vmctl.model.VmName;
import java.util.List;

/**
 * @param applied the VMs acted on
 * @param removed VMs that the source no longer declares and that are being removed
 * @param undeclared VMs that the source no longer declares and that were left alone
 */
public record ApplyResult(List<VmName> applied, List<VmName> removed, List<VmName> undeclared) {
  public ApplyResult {
    applied = List.copyOf(applied);
    removed = List.copyOf(removed);
    undeclared = List.copyOf(undeclared);
  }
}
