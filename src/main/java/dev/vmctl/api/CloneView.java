package dev.vmctl.api;

import java.util.List;

/**
 * @param notes what the clone does not have of the VM that it is of, for people
 */
public record CloneView(String vm, String of, List<String> notes) {
  public CloneView {
    notes = List.copyOf(notes);
  }
}
