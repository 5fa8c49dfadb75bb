package dev.vmctl.vmfile;

import java.util.Arrays;
import java.util.Optional;

/** What the VMFiles of a remote source may ask of this host only if its operator says so. */
public enum Allowance {
  /** Files outside the source: absolute paths, {@code ~}, and {@code ..} out of its tree. */
  HOST_PATHS("host-paths"),
  /** Directories of the host inside guests. */
  SHARES("shares"),
  /** Forwarded ports that others than this host can reach. */
  PUBLIC_BINDS("public-binds"),
  /** Networks beside {@code user}: bridges and VNICs of the host. */
  BRIDGES("bridges"),
  /** Images that are built by running a program of the source on this host. */
  IMAGE_BUILDS("image-builds");

  private final String text;

  Allowance(String text) {
    this.text = text;
  }

  /** As written in the daemon's configuration. */
  public String text() {
    return text;
  }

  public static Optional<Allowance> of(String text) {
    return Arrays.stream(values()).filter(each -> each.text.equals(text)).findFirst();
  }
}
