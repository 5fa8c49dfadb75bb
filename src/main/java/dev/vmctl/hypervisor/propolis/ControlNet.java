package dev.vmctl.hypervisor.propolis;

import java.net.InetAddress;
import java.net.UnknownHostException;
import java.nio.ByteBuffer;
import java.util.Optional;
import java.util.Set;
import java.util.UUID;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * The network by which this host reaches the servers in their zones. Its first address is the
 * host's own; every server gets one of the others.
 *
 * @param network first address, all host bits zero
 * @param prefix length of the network part, 8 to 29 bits
 */
public record ControlNet(int network, int prefix) {
  private static final Pattern TEXT =
      Pattern.compile("(\\d{1,3}\\.\\d{1,3}\\.\\d{1,3}\\.\\d{1,3})/(\\d{1,2})");
  private static final int WIDEST = 8;
  private static final int NARROWEST = 29;

  /** The network's own address, the host's, and the broadcast address. */
  private static final int RESERVED = 3;

  public ControlNet {
    if (prefix < WIDEST || prefix > NARROWEST) {
      throw new IllegalArgumentException("a prefix of 8 to 29 bits is needed, not " + prefix);
    }
    if ((network & (-1 >>> prefix)) != 0) {
      throw new IllegalArgumentException("bits are set behind the prefix");
    }
  }

  /**
   * @param text such as {@code 10.88.0.0/16}
   * @throws IllegalArgumentException when it is no IPv4 network
   */
  public static ControlNet parse(String text) {
    Matcher parts = TEXT.matcher(text);
    if (!parts.matches()) {
      throw new IllegalArgumentException("'" + text + "' is not a network such as 10.88.0.0/16");
    }
    try {
      byte[] address = InetAddress.getByName(parts.group(1)).getAddress();
      return new ControlNet(ByteBuffer.wrap(address).getInt(), Integer.parseInt(parts.group(2)));
    } catch (UnknownHostException e) {
      throw new IllegalArgumentException("'" + text + "' is not an IPv4 network", e);
    }
  }

  /**
   * An address for a VM's server: always the same one, unless another has it.
   *
   * @return empty when all are taken
   */
  Optional<InetAddress> choose(UUID vm, Set<InetAddress> taken) {
    int count = (1 << (Integer.SIZE - prefix)) - RESERVED;
    int start = Math.floorMod(vm.hashCode(), count);
    for (int i = 0; i < count; i++) {
      InetAddress address = address(2 + (start + i) % count);
      if (!taken.contains(address)) {
        return Optional.of(address);
      }
    }
    return Optional.empty();
  }

  private InetAddress address(int host) {
    try {
      return InetAddress.getByAddress(ByteBuffer.allocate(4).putInt(network + host).array());
    } catch (UnknownHostException e) {
      throw new IllegalStateException("four bytes are an address", e);
    }
  }

  @Override
  public String toString() {
    return address(0).getHostAddress() + "/" + prefix;
  }
}
