package dev.vmctl.network;

import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.VmName;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;

/**
 * A network between guests of one data directory. Each QEMU sends its guest's frames to a multicast
 * group on the loopback interface and hears all others there: no privilege, no program in the
 * middle, nothing that could stop. Group, port and addresses follow from names alone, so that they
 * are the same after any restart, and nothing has to be remembered or agreed upon.
 */
public record PrivateNetwork(String name) {
  /** Of the addresses of a network, in bits. */
  public static final int PREFIX = 16;

  /** 10.64 to 10.127: apart from QEMU's own networks. */
  private static final int FIRST_NET = 64;

  private static final int NETS = 64;
  private static final int LAST_BYTES = 254;

  /** Below the ports that kernels give to programs that name none. */
  private static final int FIRST_PORT = 20000;

  private static final int PORTS = 12000;

  public PrivateNetwork(NetworkSpec.Private declared) {
    this(declared.name());
  }

  /**
   * Where QEMU meets the others.
   *
   * @param group multicast address of the range for one organisation or host (RFC 2365)
   */
  public record Meeting(String group, int port) {}

  /**
   * @param scope whose guests meet: those of other data directories of the host do not
   */
  public Meeting meeting(Path scope) {
    byte[] digest = digest("meeting\0" + scope + "\0" + name);
    String group =
        "239." + number(digest, 0, 256) + "." + number(digest, 1, 256) + "." + last(digest, 2);
    return new Meeting(group, FIRST_PORT + number(digest, 3, PORTS));
  }

  /** The address of a VM's card on it, without the prefix; two VMs may have the same by chance. */
  public String address(VmName vm) {
    byte[] net = digest("net\0" + name);
    byte[] card = digest("address\0" + vm);
    return "10."
        + (FIRST_NET + number(net, 0, NETS))
        + "."
        + number(card, 0, 256)
        + "."
        + last(card, 1);
  }

  /** Neither 0 nor 255, which are special to some. */
  private static int last(byte[] digest, int at) {
    return 1 + number(digest, at, LAST_BYTES);
  }

  /** Four bytes for one number, so that every one is as likely as any other. */
  private static int number(byte[] digest, int at, int bound) {
    int value = 0;
    for (int index = 0; index < Integer.BYTES; index++) {
      value = (value << Byte.SIZE) | (digest[at * Integer.BYTES + index] & 0xff);
    }
    return Integer.remainderUnsigned(value, bound);
  }

  private static byte[] digest(String text) {
    try {
      return MessageDigest.getInstance("SHA-256").digest(text.getBytes(StandardCharsets.UTF_8));
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }
}
