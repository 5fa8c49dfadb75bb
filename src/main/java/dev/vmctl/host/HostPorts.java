package dev.vmctl.host;

import java.io.IOException;
import java.net.BindException;
import java.net.DatagramSocket;
import java.net.InetSocketAddress;
import java.net.ServerSocket;
import java.nio.charset.StandardCharsets;
import java.nio.file.DirectoryStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.HashSet;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Stream;

/** Who listens on the ports of this host, as far as we may see it. */
public final class HostPorts {
  private static final System.Logger LOG = Log.of(HostPorts.class);

  /** As {@code /proc/net/tcp} has the state of a socket that listens. */
  private static final String LISTENING = "0A";

  private static final int ADDRESS = 1;
  private static final int STATE = 3;
  private static final int INODE = 9;

  private final Path proc;

  public HostPorts() {
    this(Path.of("/proc"));
  }

  HostPorts(Path proc) {
    this.proc = proc;
  }

  /** What runs there. */
  public record Holder(long pid, String program) {}

  /**
   * Whether somebody listens on a port, or we may not listen on it.
   *
   * @param address of this host, in numbers
   */
  public boolean isTaken(boolean udp, String address, int port) {
    InetSocketAddress there = new InetSocketAddress(address, port);
    try {
      if (udp) {
        new DatagramSocket(there).close();
      } else {
        try (ServerSocket socket = new ServerSocket()) {
          socket.setReuseAddress(true);
          socket.bind(there);
        }
      }
      return false;
    } catch (BindException e) {
      return true;
    } catch (IOException e) {
      // QEMU will say what it is.
      LOG.log(System.Logger.Level.DEBUG, "cannot try " + there, e);
      return false;
    }
  }

  /** A process that has the port; empty when there is none, or it is another user's. */
  public Optional<Holder> holder(boolean udp, int port) {
    Set<String> sockets = new HashSet<>();
    String protocol = udp ? "udp" : "tcp";
    for (String table : List.of(protocol, protocol + "6")) {
      sockets.addAll(sockets(proc.resolve("net").resolve(table), udp, port));
    }
    if (sockets.isEmpty()) {
      return Optional.empty();
    }
    try (DirectoryStream<Path> processes = Files.newDirectoryStream(proc, "[1-9]*")) {
      for (Path process : processes) {
        if (holds(process, sockets)) {
          long pid = Long.parseLong(process.getFileName().toString());
          return Optional.of(new Holder(pid, read(process.resolve("comm")).strip()));
        }
      }
    } catch (IOException e) {
      LOG.log(System.Logger.Level.DEBUG, "cannot look for the holder of a port", e);
    }
    return Optional.empty();
  }

  private static Set<String> sockets(Path table, boolean udp, int port) {
    String suffix = String.format(Locale.ROOT, ":%04X", port);
    Set<String> found = new HashSet<>();
    read(table)
        .lines()
        .skip(1)
        .map(line -> line.strip().split("\\s+"))
        .filter(words -> words.length > INODE && words[ADDRESS].endsWith(suffix))
        .filter(words -> udp || words[STATE].equals(LISTENING))
        .forEach(words -> found.add("socket:[" + words[INODE] + "]"));
    return found;
  }

  private static boolean holds(Path process, Set<String> sockets) {
    try (Stream<Path> open = Files.list(process.resolve("fd"))) {
      for (Path descriptor : open.toList()) {
        if (sockets.contains(Files.readSymbolicLink(descriptor).toString())) {
          return true;
        }
      }
    } catch (IOException e) {
      // Another user's, or gone this moment: then it is not the one we can name.
      return false;
    }
    return false;
  }

  private static String read(Path file) {
    try {
      return Files.readString(file, StandardCharsets.ISO_8859_1);
    } catch (IOException e) {
      return ""; // gone, or an old kernel without it: nothing is known
    }
  }
}
