package dev.vmctl.api;

import java.util.List;

/**
 * VMs that a source does not declare any more, and that are not removed for that without a person's
 * word; the component names are the stable JSON fields of {@code prune}.
 *
 * @param why what is unusual about it
 */
public record PruneView(String source, String why, List<String> vms) {
  public PruneView {
    vms = List.copyOf(vms);
  }
}
