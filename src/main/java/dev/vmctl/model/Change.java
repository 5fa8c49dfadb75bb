package dev.vmctl.model;

import java.util.Locale;

/** How hard a change of one field hits a running VM, gentlest first. */
public enum Change implements Worded {
  /** Nothing to do: the field is a record of ours only. */
  NONE,
  /** Done on the running guest. */
  LIVE,
  /** The guest is stopped and started; its disk, MAC, UUID and keys stay. */
  RESTART,
  /** The VM gets a new disk; the old one goes to the trash. */
  REPLACE;

  @Override
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }

  /** The harder of the two. */
  public Change and(Change other) {
    return compareTo(other) >= 0 ? this : other;
  }
}
