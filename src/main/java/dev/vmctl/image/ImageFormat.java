package dev.vmctl.image;

import java.util.Locale;

/** How an image file is laid out. */
public enum ImageFormat {
  QCOW2,
  RAW;

  /** QEMU's name for it. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
