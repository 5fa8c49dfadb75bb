package dev.vmctl.kdl;

/** The two published versions of the language. */
public enum KdlVersion {
  V1(1),
  V2(2);

  private final int number;

  KdlVersion(int number) {
    this.number = number;
  }

  /** The number as written in a version marker. */
  public int number() {
    return number;
  }
}
