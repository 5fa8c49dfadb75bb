package dev.vmctl.host;

import com.sun.security.auth.module.UnixSystem;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * The facts of a FreeBSD or illumos host: what Linux has in {@code /proc} is asked of sysctl(8) and
 * kstat(8); the rest is the same everywhere.
 */
final class UnixHostFacts implements HostFacts {
  private final LinuxHostFacts common;
  private final HostCommands commands;
  private final boolean illumos;
  private volatile @Nullable String bootId;

  /**
   * @param common what does not depend on the operating system
   */
  UnixHostFacts(LinuxHostFacts common, HostCommands commands, OperatingSystem system) {
    this.common = common;
    this.commands = commands;
    this.illumos = system == OperatingSystem.ILLUMOS;
  }

  /**
   * The second of the boot: older systems have no better name for it. Asked once, as it is needed
   * at every look at a VM and no process lives through a boot; so nobody sees it move with the
   * clock either.
   */
  @Override
  public String bootId() {
    String known = bootId;
    if (known == null) {
      known =
          "boot-"
              + (illumos
                  ? number("kstat", "-p", "unix:0:system_misc:boot_time")
                  : number("sysctl", "-n", "kern.boottime"));
      bootId = known;
    }
    return known;
  }

  @Override
  public String hostName() {
    return common.givenHostName().orElseGet(() -> commands.require(List.of("hostname")).strip());
  }

  @Override
  public long freeMemoryBytes() {
    if (illumos) {
      return number("kstat", "-p", "unix:0:system_pages:freemem") * number("pagesize");
    }
    long pages =
        number("sysctl", "-n", "vm.stats.vm.v_free_count")
            + number("sysctl", "-n", "vm.stats.vm.v_inactive_count");
    return pages * number("sysctl", "-n", "hw.pagesize");
  }

  @Override
  public long totalMemoryBytes() {
    return illumos
        ? number("kstat", "-p", "unix:0:system_pages:physmem") * number("pagesize")
        : number("sysctl", "-n", "hw.physmem");
  }

  /** By the JDK, without a command: it is asked by every command of ours. */
  @Override
  public int userId() {
    return (int) new UnixSystem().getUid();
  }

  /**
   * The first number that stands alone: {@code { sec = 1764000000, usec = 5 } Tue …}, {@code
   * unix:0:system_misc:boot_time<tab>1764000000}.
   */
  private long number(String... command) {
    List<String> words = List.of(commands.require(Arrays.asList(command)).split("[\\s,]+"));
    return words.stream()
        .filter(word -> word.matches("\\d{1,18}"))
        .map(Long::parseLong)
        .findFirst()
        .orElseThrow(
            () ->
                new VmException(
                    ErrorCode.IO,
                    String.join(" ", command) + " told no number: " + String.join(" ", words),
                    ""));
  }

  @Override
  public long freeDiskBytes(Path path) {
    return common.freeDiskBytes(path);
  }

  @Override
  public String userName() {
    return common.userName();
  }

  @Override
  public Path home() {
    return common.home();
  }

  @Override
  public Path dataDirectory() {
    return common.dataDirectory();
  }

  @Override
  public Path cacheDirectory() {
    return common.cacheDirectory();
  }

  /** {@code /tmp/vmctl-0} and the like: these systems have no directory of a session's own. */
  @Override
  public Path runtimeDirectory() {
    return Path.of("/tmp", "vmctl-" + userId());
  }

  @Override
  public Optional<Path> findProgram(String name) {
    return common.findProgram(name);
  }

  @Override
  public int freeTcpPort() {
    return common.freeTcpPort();
  }
}
