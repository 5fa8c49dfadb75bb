package dev.vmctl.api;

import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Stream;

/**
 * Labels to give a VM by hand, and to take from it.
 *
 * @param set values by key
 * @param remove keys; none that are set
 */
public record LabelChange(Map<String, String> set, Set<String> remove) {
  public LabelChange {
    set = Map.copyOf(set);
    remove = Set.copyOf(remove);
    if (remove.stream().anyMatch(set::containsKey)) {
      throw new IllegalArgumentException("a label is set or removed, not both");
    }
  }

  /** All the keys it is about. */
  public Stream<String> keys() {
    return Stream.concat(set.keySet().stream(), remove.stream()).sorted();
  }

  /** These labels, changed so. */
  public Map<String, String> on(Map<String, String> labels) {
    Map<String, String> changed = new TreeMap<>(labels);
    changed.putAll(set);
    changed.keySet().removeAll(remove);
    return changed;
  }
}
