package dev.vmctl;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.host.ToolResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import org.awaitility.Awaitility;

/**
 * A systemd as process 1 of name spaces of its own, with a root directory of its own: what it does
 * with units, scopes, watchdogs and at a shutdown is what it does on a host.
 */
final class BootedDebian implements AutoCloseable {
  private static final String BOOT =
      """
      root=$1
      group=$2
      mkdir "$group"
      echo $$ >"$group/cgroup.procs"
      exec unshare --fork --pid --mount --uts --ipc --cgroup --kill-child sh -ec '
        root=$1
        mount --make-rprivate /
        mount --bind "$root" "$root"
        cd "$root"
        mount -t proc proc proc
        mount -t sysfs -o ro sysfs sys
        mount -t cgroup2 cgroup2 sys/fs/cgroup
        for place in run tmp dev; do mount -t tmpfs tmpfs $place; done
        for device in null zero full random urandom tty; do
          touch dev/$device
          mount --bind /dev/$device dev/$device
        done
        mkdir dev/shm
        hostname guest
        pivot_root . mnt
        umount -l /mnt
        exec env -i container=test PATH=/usr/sbin:/usr/bin:/sbin:/bin /lib/systemd/systemd --system
      ' boot "$root"
      """;

  private final Process unshare;
  private final Path group;

  private BootedDebian(Process unshare, Path group) {
    this.unshare = unshare;
    this.group = group;
  }

  static BootedDebian boot(Path root) throws IOException {
    Path unified = Path.of("/sys/fs/cgroup/unified");
    Path group =
        (Files.exists(unified) ? unified : Path.of("/sys/fs/cgroup"))
            .resolve("vmctl-test-" + System.nanoTime());
    Process process =
        new ProcessBuilder("sh", "-ec", BOOT, "boot", root.toString(), group.toString())
            .redirectErrorStream(true)
            .redirectOutput(root.resolveSibling("boot.log").toFile())
            .start();
    BootedDebian booted = new BootedDebian(process, group);
    Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> booted.run("systemctl is-system-running --wait").output().equals("running\n"));
    return booted;
  }

  /** Runs a script beside its other processes. */
  ToolResult run(String script) {
    String init =
        unshare.children().findFirst().map(child -> Long.toString(child.pid())).orElse("none");
    return CleanDebian.run(
        "nsenter",
        "--target=" + init,
        "--mount",
        "--pid",
        "--uts",
        "--ipc",
        "--cgroup",
        "env",
        "-i",
        "HOME=/root",
        "PATH=/usr/sbin:/usr/bin:/sbin:/bin",
        "DEBIAN_FRONTEND=noninteractive",
        "LC_ALL=C.UTF-8",
        "sh",
        "-ec",
        script);
  }

  String must(String script) {
    ToolResult result = run(script);
    assertThat(result.succeeded()).as(script + ": " + result.output() + result.errors()).isTrue();
    return result.output().strip();
  }

  /** Shuts it down as a host is, and waits for its end. */
  void powerOff() {
    must("systemctl poweroff");
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(() -> !unshare.isAlive());
  }

  @Override
  public void close() throws IOException {
    unshare.destroyForcibly();
    Awaitility.await().until(() -> !unshare.isAlive());
    Awaitility.await()
        .until(() -> Files.readString(group.resolve("cgroup.events")).contains("populated 0"));
    try (var groups = Files.walk(group)) {
      List<Path> inside = groups.filter(Files::isDirectory).toList();
      for (Path each : inside.reversed()) {
        Files.delete(each);
      }
    }
  }
}
