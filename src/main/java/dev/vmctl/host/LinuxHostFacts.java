package dev.vmctl.host;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Stream;

/** The facts of a Linux host, read afresh at each call but for those that cannot change. */
public final class LinuxHostFacts implements HostFacts {
  private static final String OURS = "vmctl";
  private static final String DEFAULT_PATH = "/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin";

  private static final byte[] LOOPBACK = {127, 0, 0, 1};

  private final Map<String, String> environment;
  private final Path home;
  private final String userName;

  /**
   * @param environment the environment variables, e.g. {@link System#getenv()}
   * @param home used where the environment does not say {@code HOME}
   * @param userName the name of the user we run as
   */
  public LinuxHostFacts(Map<String, String> environment, Path home, String userName) {
    this.environment = Map.copyOf(environment);
    this.home = absolute("HOME").orElse(home);
    this.userName = userName;
  }

  /** The facts for this very process. */
  public static LinuxHostFacts ofThisProcess() {
    return new LinuxHostFacts(
        System.getenv(),
        Path.of(System.getProperty("user.home", "/")),
        System.getProperty("user.name", ""));
  }

  @Override
  public String bootId() {
    return read(Path.of("/proc/sys/kernel/random/boot_id")).trim();
  }

  @Override
  public String hostName() {
    return givenHostName().orElseGet(() -> read(Path.of("/proc/sys/kernel/hostname")).trim());
  }

  /** The name that somebody has given this host for VMFiles that name hosts. */
  Optional<String> givenHostName() {
    return Optional.of(environment.getOrDefault("VMCTL_HOST_NAME", "").strip())
        .filter(given -> !given.isEmpty());
  }

  @Override
  public long freeMemoryBytes() {
    return memory("MemAvailable:");
  }

  @Override
  public long totalMemoryBytes() {
    return memory("MemTotal:");
  }

  private static long memory(String which) {
    return read(Path.of("/proc/meminfo"))
        .lines()
        .filter(line -> line.startsWith(which))
        .map(line -> Long.parseLong(line.replaceAll("\\D", "")) * 1024)
        .findFirst()
        .orElseThrow(() -> new VmException(ErrorCode.IO, "/proc/meminfo tells no " + which, ""));
  }

  @Override
  public long freeDiskBytes(Path path) {
    Path existing = path.toAbsolutePath().normalize();
    while (!Files.exists(existing) && existing.getParent() != null) {
      existing = existing.getParent();
    }
    try {
      return Files.getFileStore(existing).getUsableSpace();
    } catch (IOException e) {
      throw new VmException(ErrorCode.IO, "cannot tell the free space of " + path, "", e);
    }
  }

  @Override
  public int userId() {
    try {
      return (int) Objects.requireNonNull(Files.getAttribute(Path.of("/proc/self"), "unix:uid"));
    } catch (IOException e) {
      throw new VmException(
          ErrorCode.IO, "cannot tell who we run as: " + e.getMessage(), "is /proc mounted?", e);
    }
  }

  @Override
  public String userName() {
    return userName;
  }

  @Override
  public Path home() {
    return home;
  }

  @Override
  public Path dataDirectory() {
    return absolute("XDG_DATA_HOME").orElse(home.resolve(".local/share")).resolve(OURS);
  }

  @Override
  public Path cacheDirectory() {
    return absolute("XDG_CACHE_HOME").orElse(home.resolve(".cache")).resolve(OURS);
  }

  @Override
  public Path runtimeDirectory() {
    return absolute("XDG_RUNTIME_DIR")
        .map(directory -> directory.resolve(OURS))
        .orElseGet(() -> absolute("TMPDIR").orElse(Path.of("/tmp")).resolve(OURS + "-" + userId()));
  }

  @Override
  public Optional<Path> findProgram(String name) {
    if (name.isEmpty()) {
      return Optional.empty();
    }
    if (name.indexOf('/') >= 0) {
      return Optional.of(Path.of(name)).filter(LinuxHostFacts::isProgram);
    }
    return Stream.of(environment.getOrDefault("PATH", DEFAULT_PATH).split(":", -1))
        .filter(directory -> directory.startsWith("/"))
        .map(directory -> Path.of(directory, name))
        .filter(LinuxHostFacts::isProgram)
        .findFirst();
  }

  @Override
  public int freeTcpPort() {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getByAddress(LOOPBACK))) {
      return socket.getLocalPort();
    } catch (IOException e) {
      throw new VmException(
          ErrorCode.IO, "no free TCP port on 127.0.0.1", "close some connections", e);
    }
  }

  private static boolean isProgram(Path path) {
    return path.isAbsolute() && Files.isRegularFile(path) && Files.isExecutable(path);
  }

  /** XDG: a path that is not absolute counts as not set. */
  private Optional<Path> absolute(String variable) {
    String value = environment.getOrDefault(variable, "");
    return value.startsWith("/") ? Optional.of(Path.of(value)) : Optional.empty();
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw AtomicFiles.failure("read", file, e);
    }
  }
}
