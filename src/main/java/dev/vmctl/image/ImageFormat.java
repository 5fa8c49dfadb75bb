package dev.vmctl.image;

import java.util.Locale;

/** How an image file is laid out: the formats that QEMU reads as the base of an overlay. */
public enum ImageFormat {
  QCOW2,
  RAW,
  VMDK,
  VDI,
  VHDX;

  /** QEMU's name for it. */
  public String text() {
    return name().toLowerCase(Locale.ROOT);
  }
}
