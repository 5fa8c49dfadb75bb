package dev.vmctl.model;

import java.util.Locale;

/** What becomes of a VM that is no longer declared. */
public enum OnRemove implements Worded {
  /** It is stopped, and its disk kept in the trash for a while. */
  TRASH,
  /** It is stopped and kept. */
  STOP,
  /** It is left as it is, running or not, and no longer looked after. */
  ORPHAN,
  /** It is stopped, and its disk deleted at once. */
  DESTROY;

  @Override
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
