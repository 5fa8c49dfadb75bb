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
import java.util.Objects;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What bin/package makes, installed and removed in a Debian that knows nothing of vmctl. */
class PackageIT {
  private static final Path ROOT =
      Path.of(Objects.requireNonNull(System.getProperty("vmctl.basedir")));

  /** Of a package that is there before: what vmctl's depends on. */
  private static final String DEPENDENCIES = "apt,passwd,qemu-system-x86,qemu-utils,openssh-client";

  @TempDir static Path directory = Path.of("/nonexistent");

  private static Path dist = Path.of("/nonexistent");

  @BeforeAll
  static void makePackages() {
    dist = directory.resolve("dist");
    must(ROOT.resolve("bin/package").toString(), dist.toString());
  }

  @Test
  void thePackageIsInstalledUsedAndRemovedInACleanDebian() throws IOException {
    Path chroot = cleanDebian();
    Path deb = dist.resolve("vmctl_" + Version.CURRENT + "_amd64.deb");
    Files.copy(deb, chroot.resolve("vmctl.deb"));

    ToolResult installed = in(chroot, "dpkg -i /vmctl.deb");

    assertThat(installed.succeeded()).as(installed.errors()).isTrue();
    assertThat(installed.errors())
        .contains("no JDK 25 or newer found", "help: ", "installed, and needs a Java 25 to run");
    assertThat(must(chroot, "id vmctl; stat -c '%a %U %n' /var/lib/vmctl /etc/vmctl/vmctl.kdl"))
        .contains("(vmctl)", "700 root /var/lib/vmctl", "644 root /etc/vmctl/vmctl.kdl");
    assertThat(
            must(
                chroot,
                "ls /usr/lib/systemd/system/vmctl.service /usr/lib/systemd/user/vmctl.service"
                    + " /usr/lib/systemd/system/vmctl-drain.service"
                    + " /usr/share/man/man1/vmctl-daemon.1.gz"
                    + " /usr/share/bash-completion/completions/vmctl"
                    + " /usr/lib/vmctl/manifests/prometheus/vmctl.rules.yml"))
        .hasLineCount(6);

    ToolResult withoutJava = in(chroot, "vmctl version");
    assertThat(withoutJava.succeeded()).isFalse();
    assertThat(withoutJava.errors()).contains("no JDK 25 or newer found", "help: ");

    giveJava(chroot);
    assertThat(must(chroot, "vmctl version")).contains("vmctl " + Version.CURRENT);
    assertThat(must(chroot, "vmctl --data-dir /var/lib/vmctl daemon --show-config"))
        .startsWith("// from /etc/vmctl/vmctl.kdl")
        .contains("data-dir \"/var/lib/vmctl\"");
    must(
        chroot,
        "cd / && printf 'vm \"a\" { backend \"noop\" }\\n' > VMFile.kdl && vmctl --system up");

    must(chroot, "dpkg -r vmctl");
    assertThat(in(chroot, "ls /usr/lib/vmctl /usr/bin/vmctl").succeeded()).isFalse();
    must(chroot, "test -f /etc/vmctl/vmctl.kdl && id vmctl");

    assertThat(in(chroot, "dpkg -P vmctl").errors()).contains("holds virtual machines and stays");
    must(chroot, "test -d /var/lib/vmctl/vms/a && id vmctl && ! test -e /etc/vmctl/vmctl.kdl");
    must(chroot, "rm -r /var/lib/vmctl && dpkg -i /vmctl.deb && dpkg -P vmctl");
    must(chroot, "! test -e /var/lib/vmctl && ! id vmctl && ! getent group vmctl");
  }

  @Test
  void theTarballRunsWhereItIsUnpacked() throws IOException {
    Path place = Files.createDirectories(directory.resolve("some where"));
    must(
        "tar",
        "-xzf",
        dist.resolve("vmctl-" + Version.CURRENT + ".tar.gz").toString(),
        "-C",
        place.toString());
    Path home = place.resolve("vmctl-" + Version.CURRENT);
    assertThat(must(home.resolve("bin/vmctl").toString(), "version")).contains(Version.CURRENT);
    assertThat(home.resolve("share/man/man1/vmctl-up.1")).isRegularFile();
    assertThat(home.resolve("manifests/systemd/vmctl.service")).isRegularFile();
    assertThat(must("tar", "-tzf", dist.resolve("vmctl-" + Version.CURRENT + ".tar.gz").toString()))
        .doesNotContain("/src/", "/.git");
  }

  @Test
  void aServiceIsInstalledForTheUserAndNamesThisVmctl() throws IOException {
    Path home = Files.createDirectories(directory.resolve("home"));
    Path vmctl = ROOT.resolve("bin/vmctl");
    String said =
        must(
            "env",
            "HOME=" + home,
            "VMCTL_NO_BUILD=1",
            vmctl.toString(),
            "daemon",
            "--install",
            "--user",
            "--watch",
            "/srv/vms");
    Path unit = home.resolve(".config/systemd/user/vmctl.service");
    assertThat(said).contains("wrote " + unit);
    assertThat(unit).content().contains("ExecStart=" + vmctl + " daemon\n");
    assertThat(home.resolve(".config/vmctl/vmctl.kdl")).content().contains("watch \"/srv/vms\"");
  }

  /** Made once and kept, as the small guest is: most of it is QEMU's packages. */
  private static Path cleanDebian() throws IOException {
    Path cache = Path.of(System.getProperty("user.home"), ".cache/vmctl/package-root.tar");
    if (!Files.exists(cache)) {
      Files.createDirectories(cache.getParent());
      Path made = directory.resolve("root.tar");
      must(
          "mmdebstrap",
          "--quiet",
          "--variant=essential",
          "--include=" + DEPENDENCIES,
          "bookworm",
          made.toString());
      Files.move(made, cache, StandardCopyOption.REPLACE_EXISTING);
    }
    Path chroot = Files.createDirectories(directory.resolve("chroot"));
    must("tar", "-xf", cache.toString(), "-C", chroot.toString());
    return chroot;
  }

  private static void giveJava(Path chroot) throws IOException {
    Path java = Path.of(System.getProperty("java.home"));
    Path into = Files.createDirectories(chroot.resolve("usr/lib/jvm"));
    must("cp", "-a", "--reflink=auto", java.toRealPath().toString(), into.toString());
  }

  private static ToolResult in(Path chroot, String script) {
    return run(
        "unshare",
        "--mount",
        "sh",
        "-c",
        "mount --bind /proc \"$0/proc\" && mount --bind /dev \"$0/dev\""
            + " && exec chroot \"$0\" env -i HOME=/root PATH=/usr/sbin:/usr/bin:/sbin:/bin"
            + " DEBIAN_FRONTEND=noninteractive LC_ALL=C.UTF-8 sh -ec \"$1\"",
        chroot.toString(),
        script);
  }

  private static String must(Path chroot, String script) {
    ToolResult result = in(chroot, script);
    assertThat(result.succeeded()).as(script + ": " + result.output() + result.errors()).isTrue();
    return result.output();
  }

  private static String must(String... command) {
    ToolResult result = run(command);
    assertThat(result.succeeded())
        .as(List.of(command) + ": " + result.output() + result.errors())
        .isTrue();
    return result.output();
  }

  private static ToolResult run(String... command) {
    try {
      return new LinuxHostProcesses()
          .run(new ToolRun(new ArrayList<>(List.of(command)), Duration.ofMinutes(5)));
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }
}
