package dev.vmctl.model;

import java.util.Objects;
import java.util.UUID;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A network card beside the first one, which {@link VmFields#NETWORK} describes.
 *
 * @param name unlike those of the VM's other cards
 * @param network what it is connected to; never {@link NetworkSpec.None}
 * @param mac its address; derived from the VM's identity and this name when absent, so that it
 *     stays the same for as long as the VM is the same
 */
public record NicSpec(String name, NetworkSpec network, @Nullable MacAddress mac) {
  /** The most a VM can have beside the first: one place on its bus each. */
  public static final int MOST = 7;

  private static final Pattern NAME = Pattern.compile("[a-z0-9]([a-z0-9-]{0,13}[a-z0-9])?");

  public NicSpec {
    Objects.requireNonNull(network);
    if (!isName(name)) {
      throw new IllegalArgumentException("not a name of a network card: " + name);
    }
    if (network instanceof NetworkSpec.None) {
      throw new IllegalArgumentException("a network card without a network: " + name);
    }
  }

  /** Its address in this VM: declared, or derived. */
  public MacAddress address(UUID vm) {
    return mac == null ? MacAddress.derived(vm, name) : mac;
  }

  public static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }

  /** Short form for tables and plans. */
  public String text() {
    return name + " " + network.text() + (mac == null ? "" : " " + mac);
  }
}
