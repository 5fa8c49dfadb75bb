package dev.vmctl.model;

import java.util.Locale;
import java.util.Objects;

/**
 * Another VM of the same source that must be up first.
 *
 * @param on the name of that VM, or of a {@code vm} node with {@code replicas}: then all of them
 */
public record Dependency(VmName on, Until until) {
  /** How far the other must be. */
  public enum Until implements Worded {
    RUNNING,
    READY,
    PROVISIONED;

    @Override
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public Dependency {
    Objects.requireNonNull(on);
    Objects.requireNonNull(until);
  }

  /** Short form for tables and plans. */
  public String text() {
    return on + " until " + until.text();
  }
}
