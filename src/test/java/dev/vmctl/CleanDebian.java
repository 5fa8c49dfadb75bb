package dev.vmctl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.host.LinuxHostProcesses;
import dev.vmctl.host.ToolResult;
import dev.vmctl.host.ToolRun;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;

/** A Debian below a directory that knows nothing of vmctl. */
final class CleanDebian {
  /** Of a package that is there before: what vmctl's depends on, and an init for {@link #boot}. */
  private static final String PACKAGES =
      "apt,passwd,qemu-system-x86,qemu-utils,openssh-client,systemd,dbus";

  private final Path root;

  private CleanDebian(Path root) {
    this.root = root;
  }

  /** Made once and kept, as the small guest is: most of it is QEMU's packages. */
  static CleanDebian in(Path directory) throws IOException {
    Path cache =
        Path.of(
            System.getProperty("user.home"),
            ".cache/vmctl/package-root-%08x.tar".formatted(PACKAGES.hashCode()));
    if (!Files.exists(cache)) {
      Files.createDirectories(cache.getParent());
      Path made = directory.resolve("root.tar");
      must(
          "mmdebstrap",
          "--quiet",
          "--variant=essential",
          "--include=" + PACKAGES,
          "bookworm",
          made.toString());
      Files.move(made, cache, StandardCopyOption.REPLACE_EXISTING);
    }
    Path root = Files.createDirectories(directory.resolve("debian"));
    must("tar", "-xf", cache.toString(), "-C", root.toString());
    return new CleanDebian(root);
  }

  Path root() {
    return root;
  }

  void giveJava() throws IOException {
    Path java = Path.of(System.getProperty("java.home"));
    Path into = Files.createDirectories(root.resolve("usr/lib/jvm"));
    must("cp", "-a", "--reflink=auto", java.toRealPath().toString(), into.toString());
  }

  /** Runs a script with this as its root, and nothing of it running. */
  ToolResult run(String script) {
    return run(
        "unshare",
        "--mount",
        "sh",
        "-c",
        "mount --bind /proc \"$0/proc\" && mount --bind /dev \"$0/dev\""
            + " && exec chroot \"$0\" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin"
            + " DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 sh -ec \"$1\"",
        root.toString(),
        script);
  }

  String must(String script) {
    ToolResult result = run(script);
    assertThat(result.succeeded()).as(script + ": " + result.output() + result.errors()).isTrue();
    return result.output();
  }

  /** Starts its systemd, as a host does. */
  BootedDebian boot() throws IOException {
    return BootedDebian.boot(root);
  }

  static String must(String... command) {
    ToolResult result = run(command);
    assertThat(result.succeeded())
        .as(List.of(command) + ": " + result.output() + result.errors())
        .isTrue();
    return result.output();
  }

  static ToolResult run(String... command) {
    try {
      return new LinuxHostProcesses()
          .run(new ToolRun(new ArrayList<>(List.of(command)), Duration.ofMinutes(5)));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
