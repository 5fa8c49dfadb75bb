package dev.vmctl.model;

import java.util.Locale;

/** How a guest's processor is run: {@code AUTO} takes KVM where it is proven to work, else TCG. */
public enum Accel implements Worded {
  AUTO,
  KVM,
  TCG;

  @Override
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
