package dev.vmctl.api;

import java.util.List;
import java.util.Objects;

/**
 * What came of the removal of a source; the component names are the stable JSON fields.
 *
 * @param kept its VMs that stay as they are, declared by nobody
 * @param removed its VMs that go, each as its lifecycle says
 */
public record SourceRemoval(String name, List<String> kept, List<String> removed) {
  public SourceRemoval {
    Objects.requireNonNull(name);
    kept = List.copyOf(kept);
    removed = List.copyOf(removed);
  }
}
