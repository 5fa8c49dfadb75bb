package dev.vmctl.model;

import java.util.Objects;

/**
 * A network card of a VM, with nothing left open.
 *
 * @param name empty for the first; {@link #BESIDE} for the one that a private network adds to it
 * @param network never {@link NetworkSpec.None}
 */
public record CardSpec(String name, NetworkSpec network, MacAddress mac) {
  /** No name of a {@link NicSpec}. */
  public static final String BESIDE = ".private";

  public CardSpec {
    Objects.requireNonNull(name);
    Objects.requireNonNull(network);
    Objects.requireNonNull(mac);
  }
}
