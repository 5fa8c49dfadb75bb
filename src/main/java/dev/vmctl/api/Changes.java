package dev.vmctl.api;

import java.util.List;

/**
 * @param version to ask from next
 * @param vms the VMs that changed, as they are now
 * @param gone names of VMs that are no more
 * @param whole whether these are all VMs that were asked about, not only those that changed
 */
public record Changes(long version, List<VmStatus> vms, List<String> gone, boolean whole) {
  public Changes {
    vms = List.copyOf(vms);
    gone = List.copyOf(gone);
  }

  /** Those that changed. */
  public Changes(long version, List<VmStatus> vms, List<String> gone) {
    this(version, vms, gone, false);
  }
}
