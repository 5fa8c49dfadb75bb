package dev.vmctl;

/** The version of this build. */
public final class Version {
  /** Semantic version, the same as in {@code pom.xml}; a test compares the two. */
  public static final String CURRENT = "0.1.0";

  private Version() {}
}
