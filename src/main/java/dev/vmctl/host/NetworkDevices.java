package dev.vmctl.host;

import com.sun.jna.LastErrorException;
import com.sun.jna.Memory;
import dev.vmctl.model.MacAddress;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HexFormat;
import java.util.List;
import java.util.Optional;
import java.util.stream.Stream;

/**
 * Network devices of Linux, in the network namespace we are in: asked for and changed by ioctl(2)
 * alone, because {@code /sys} may show another namespace than ours, and programs may be missing.
 * See netdevice(7) and the kernel's {@code Documentation/networking/tuntap.rst}.
 */
public final class NetworkDevices {
  /** The longest name of a device, in bytes. */
  public static final int LONGEST_NAME = 15;

  /** Where tap devices are made. */
  public static final Path TUN = Path.of("/dev/net/tun");

  private static final int CAP_NET_ADMIN = 12;

  private static final int AF_INET = 2;
  private static final int SOCK_DGRAM = 2;
  private static final int SOCK_CLOEXEC = 0x80000;

  private static final long SIOCGIFFLAGS = 0x8913;
  private static final long SIOCSIFFLAGS = 0x8914;
  private static final long SIOCGIFMTU = 0x8921;
  private static final long SIOCSIFMTU = 0x8922;
  private static final long SIOCSIFHWADDR = 0x8924;
  private static final long SIOCGIFHWADDR = 0x8927;
  private static final long SIOCGIFINDEX = 0x8933;
  private static final long SIOCETHTOOL = 0x8946;
  private static final long SIOCBRADDIF = 0x89a2;
  private static final long TUNSETIFF = 0x400454caL;
  private static final long TUNSETPERSIST = 0x400454cbL;
  private static final long TUNSETOWNER = 0x400454ccL;

  private static final short IFF_UP = 1;
  private static final short IFF_TAP = 0x0002;
  private static final short IFF_NO_PI = 0x1000;
  private static final short IFF_VNET_HDR = 0x4000;
  private static final short IFF_TUN_EXCL = (short) 0x8000;
  private static final short ARPHRD_ETHER = 1;

  /** {@code struct ifreq}: a name of 16 bytes, then a union of 24. */
  private static final int REQUEST_BYTES = 40;

  private static final int UNION = 16;

  /** {@code struct ethtool_drvinfo}, and what is asked for with it. */
  private static final int DRIVER_BYTES = 196;

  private static final int ETHTOOL_GDRVINFO = 3;
  private static final int DRIVER_NAME = 4;
  private static final int DRIVER_NAME_BYTES = 32;

  /** A call that the kernel refused. */
  public static final class Refused extends Exception {
    private static final long serialVersionUID = 1L;
    private final int errno;

    Refused(String what, int errno) {
      super(what + ": " + text(errno));
      this.errno = errno;
    }

    public boolean isNotPermitted() {
      return errno == LinuxCalls.EPERM || errno == LinuxCalls.EACCES;
    }

    /** Something else has it, or has a device of this name. */
    public boolean isBusy() {
      return errno == LinuxCalls.EBUSY || errno == LinuxCalls.EEXIST;
    }

    private static String text(int errno) {
      return switch (errno) {
        case LinuxCalls.EPERM -> "operation not permitted";
        case LinuxCalls.ENOENT -> "no such file";
        case LinuxCalls.EACCES -> "permission denied";
        case LinuxCalls.EBUSY -> "device or resource busy";
        case LinuxCalls.EEXIST -> "there is one already";
        case LinuxCalls.ENODEV -> "no such device";
        case LinuxFileCalls.EOPNOTSUPP -> "operation not supported";
        default -> "errno " + errno;
      };
    }
  }

  /** Whether we may make and change network devices here: we have CAP_NET_ADMIN. */
  public boolean isAdministrator() {
    try {
      return Files.readAllLines(Path.of("/proc/self/status")).stream()
          .filter(line -> line.startsWith("CapEff:"))
          .map(line -> Long.parseUnsignedLong(line.substring("CapEff:".length()).strip(), 16))
          .anyMatch(set -> (set >> CAP_NET_ADMIN & 1) == 1);
    } catch (IOException e) {
      // Without /proc the attempt itself will tell.
      return true;
    }
  }

  /**
   * What the driver of a device calls itself, such as {@code bridge} or {@code tun}; empty when
   * there is no such device, or it does not say.
   */
  public Optional<String> driver(String name) {
    try (Socket socket = new Socket();
        Memory request = request(name);
        Memory answer = new Memory(DRIVER_BYTES)) {
      answer.clear();
      answer.setInt(0, ETHTOOL_GDRVINFO);
      request.setPointer(UNION, answer);
      socket.call("driver of " + name, SIOCETHTOOL, request);
      String text =
          new String(
              answer.getByteArray(DRIVER_NAME, DRIVER_NAME_BYTES), StandardCharsets.US_ASCII);
      return Optional.of(text.substring(0, Math.max(text.indexOf('\0'), 0)));
    } catch (Refused e) {
      return Optional.empty();
    }
  }

  /**
   * Names of the bridges of this host, in order.
   *
   * @throws VmException io
   */
  public List<String> bridges() {
    Path all = Path.of("/sys/class/net");
    try (Stream<Path> devices = Files.list(all)) {
      return devices
          .filter(device -> Files.isDirectory(device.resolve("bridge")))
          .map(device -> device.getFileName().toString())
          .sorted()
          .toList();
    } catch (IOException e) {
      throw AtomicFiles.failure("list", all, e);
    }
  }

  /** Whether there is a device of this name. */
  public boolean exists(String name) {
    try (Socket socket = new Socket();
        Memory request = request(name)) {
      socket.call("index of " + name, SIOCGIFINDEX, request);
      return true;
    } catch (Refused e) {
      return false;
    }
  }

  /** The hardware address of an Ethernet device; empty when there is no such device. */
  public Optional<MacAddress> address(String name) {
    try (Socket socket = new Socket();
        Memory request = request(name)) {
      socket.call("address of " + name, SIOCGIFHWADDR, request);
      return request.getShort(UNION) == ARPHRD_ETHER
          ? Optional.of(
              new MacAddress(HexFormat.ofDelimiter(":").formatHex(request.getByteArray(18, 6))))
          : Optional.empty();
    } catch (Refused e) {
      return Optional.empty();
    }
  }

  /**
   * Makes a tap device that stays until {@link #removeTap}: on a bridge, up, with the bridge's MTU,
   * open to one user. All or nothing, also when this process is killed on the way: a tap is made
   * lasting only when it is complete, and the kernel removes one that is not.
   *
   * @param address of the host's end; not that of the guest's card
   * @param user number of the user who may open it without any privilege
   * @throws Refused when there is a device of this name, or no permission
   */
  public void makeTap(String name, MacAddress address, int user, String bridge) throws Refused {
    try (Tun tun = new Tun();
        Socket socket = new Socket()) {
      short flags = (short) (IFF_TAP | IFF_NO_PI | IFF_VNET_HDR | IFF_TUN_EXCL);
      tun.attach(name, flags);
      tun.call("address of " + name, SIOCSIFHWADDR, hardware(name, address));
      tun.set("owner of " + name, TUNSETOWNER, user);
      socket.takeOverMtu(name, bridge);
      socket.addTo(bridge, name);
      socket.up(name);
      tun.set("keep " + name, TUNSETPERSIST, 1);
    }
  }

  /**
   * Removes a tap device that {@link #makeTap} made. Needs no privilege of its owner.
   *
   * @throws Refused when a program has it open, or it is another's
   */
  public void removeTap(String name) throws Refused {
    try (Tun tun = new Tun()) {
      tun.attach(name, (short) (IFF_TAP | IFF_NO_PI | IFF_VNET_HDR));
      tun.set("forget " + name, TUNSETPERSIST, 0);
    }
  }

  private static Memory request(String name) {
    byte[] bytes = name.getBytes(StandardCharsets.UTF_8);
    if (bytes.length == 0 || bytes.length > LONGEST_NAME) {
      throw new IllegalArgumentException("not the name of a network device: " + name);
    }
    Memory request = new Memory(REQUEST_BYTES);
    request.clear();
    request.write(0, bytes, 0, bytes.length);
    return request;
  }

  private static Memory hardware(String name, MacAddress address) {
    Memory request = request(name);
    request.setShort(UNION, ARPHRD_ETHER);
    byte[] bytes = HexFormat.ofDelimiter(":").parseHex(address.value());
    request.write(18, bytes, 0, bytes.length);
    return request;
  }

  /** An open descriptor that takes requests. */
  private abstract static class Descriptor implements AutoCloseable {
    private final int number;

    Descriptor(int number) {
      this.number = number;
    }

    final void call(String what, long request, Memory argument) throws Refused {
      try {
        LinuxLibrary.ioctl(number, request, argument);
      } catch (LastErrorException e) {
        throw new Refused(what, e.getErrorCode());
      }
    }

    final void set(String what, long request, int value) throws Refused {
      try {
        LinuxLibrary.ioctl(number, request, value);
      } catch (LastErrorException e) {
        throw new Refused(what, e.getErrorCode());
      }
    }

    @Override
    public void close() {
      FileCalls.close(number);
    }
  }

  private static final class Tun extends Descriptor {
    Tun() throws Refused {
      super(opened(TUN.toString(), FileCalls.openReadWrite(TUN)));
    }

    void attach(String name, short flags) throws Refused {
      try (Memory request = request(name)) {
        request.setShort(UNION, flags);
        call("tap device " + name, TUNSETIFF, request);
      }
    }
  }

  private static int opened(String what, int descriptor) throws Refused {
    if (descriptor < 0) {
      throw new Refused(what, -descriptor);
    }
    return descriptor;
  }

  /** Any socket takes requests about devices. */
  private static final class Socket extends Descriptor {
    Socket() throws Refused {
      super(open());
    }

    private static int open() throws Refused {
      LinuxLibrary.require();
      try {
        return LinuxLibrary.socket(AF_INET, SOCK_DGRAM | SOCK_CLOEXEC, 0);
      } catch (LastErrorException e) {
        throw new Refused("socket", e.getErrorCode());
      }
    }

    /** A bridge has the smallest MTU of its ports: ours must not be the one that makes it less. */
    void takeOverMtu(String name, String bridge) throws Refused {
      try (Memory from = request(bridge);
          Memory to = request(name)) {
        call("MTU of " + bridge, SIOCGIFMTU, from);
        to.setInt(UNION, from.getInt(UNION));
        call("MTU of " + name, SIOCSIFMTU, to);
      }
    }

    void addTo(String bridge, String name) throws Refused {
      try (Memory port = request(name);
          Memory request = request(bridge)) {
        call("index of " + name, SIOCGIFINDEX, port);
        request.setInt(UNION, port.getInt(UNION));
        call("add " + name + " to " + bridge, SIOCBRADDIF, request);
      }
    }

    void up(String name) throws Refused {
      try (Memory request = request(name)) {
        call("flags of " + name, SIOCGIFFLAGS, request);
        request.setShort(UNION, (short) (request.getShort(UNION) | IFF_UP));
        call("bring up " + name, SIOCSIFFLAGS, request);
      }
    }
  }
}
