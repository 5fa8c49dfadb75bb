package dev.vmctl.api;

import java.util.List;

/**
 * @param version to ask from next
 * @param vms the VMs that changed, as they are now
 * @param gone names of VMs that are no more
 */
public record Changes(long version, List<VmStatus> vms, List<String> gone) {
  public Changes {
    vms = List.copyOf(vms);
    gone = List.copyOf(gone);
  }
}
