package dev.vmctl;

import static dev.vmctl.CleanDebian.must;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.dataformat.yaml.YAMLFactory;
import dev.vmctl.host.ToolResult;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.awaitility.Awaitility;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/** What bin/package makes, installed and removed in a Debian that knows nothing of vmctl. */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class PackageIT {
  private static final Path ROOT =
      Path.of(Objects.requireNonNull(System.getProperty("vmctl.basedir")));

  @TempDir static Path directory = Path.of("/nonexistent");

  private static Path dist = Path.of("/nonexistent");
  private static @Nullable CleanDebian debian;

  @BeforeAll
  static void makePackages() throws IOException {
    dist = directory.resolve("dist");
    must(ROOT.resolve("bin/package").toString(), dist.toString());
    debian = CleanDebian.in(directory);
    Files.copy(
        dist.resolve("vmctl_" + Version.CURRENT + "_amd64.deb"),
        debian().root().resolve("vmctl.deb"));
  }

  @Test
  @Order(1)
  void thePackageIsInstalledAndUsedInACleanDebian() throws IOException {
    ToolResult installed = debian().run("dpkg -i /vmctl.deb");

    assertThat(installed.succeeded()).as(installed.errors()).isTrue();
    assertThat(installed.errors())
        .contains("no JDK 25 or newer found", "help: ", "installed, and needs a Java 25 to run");
    assertThat(debian().must("id vmctl; stat -c '%a %U %n' /var/lib/vmctl /etc/vmctl/vmctl.kdl"))
        .contains("(vmctl)", "700 root /var/lib/vmctl", "644 root /etc/vmctl/vmctl.kdl");
    assertThat(
            debian()
                .must(
                    "ls /usr/lib/systemd/system/vmctl.service /usr/lib/systemd/user/vmctl.service"
                        + " /usr/lib/systemd/system/vmctl-drain.service"
                        + " /usr/share/man/man1/vmctl-daemon.1.gz"
                        + " /usr/share/bash-completion/completions/vmctl"
                        + " /usr/lib/vmctl/manifests/prometheus/vmctl.rules.yml"))
        .hasLineCount(6);

    ToolResult withoutJava = debian().run("vmctl version");
    assertThat(withoutJava.succeeded()).isFalse();
    assertThat(withoutJava.errors()).contains("no JDK 25 or newer found", "help: ");

    debian().giveJava();
    assertThat(debian().must("vmctl version")).contains("vmctl " + Version.CURRENT);
    assertThat(debian().must("vmctl --data-dir /var/lib/vmctl daemon --show-config"))
        .startsWith("// from /etc/vmctl/vmctl.kdl")
        .contains("data-dir \"/var/lib/vmctl\"");
    debian()
        .must(
            "cd / && printf 'vm \"a\" { backend \"noop\" }\\n' > VMFile.kdl && vmctl --system up");
  }

  @Test
  @Order(2)
  void aSystemdLooksAfterTheDaemonAndNeverLosesAVm() throws IOException {
    debian()
        .must(
            """
            mkdir -p /srv/vms
            truncate -s 1M /srv/empty.raw
            cat >/srv/vms/box.kdl <<'END'
            vm "box" { backend "qemu"; accel "tcg"; image "/srv/empty.raw"; memory "128M"; disk "8M" }
            END
            echo 'data-dir "/var/lib/vmctl"; watch "/srv/vms"; listen "none"' >/etc/vmctl/vmctl.kdl
            cd /etc/systemd/system
            mkdir vmctl.service.d vmctl-drain.service.d
            printf '[Service]\nWatchdogSec=3\n' >vmctl.service.d/test.conf
            # Its guest runs nothing that could shut it down.
            printf '[Service]\nExecStop=\nExecStop=/usr/bin/vmctl --data-dir /var/lib/vmctl drain --timeout 1s\n' \
              >vmctl-drain.service.d/test.conf
            """);
    try (BootedDebian booted = debian().boot()) {
      // Type=notify: it serves when this ends.
      booted.must("systemctl enable --now vmctl vmctl-drain");
      assertThat(booted.must("systemctl show -p StatusText --value vmctl"))
          .isEqualTo("serves /run/vmctl/vmctl.sock");
      assertThat(booted.must("stat -c '%a %U %G' /run/vmctl/vmctl.sock"))
          .isEqualTo("660 root vmctl");
      String vm = awaitVm(booted);

      booted.must("kill -STOP $(systemctl show -p MainPID --value vmctl)");
      Awaitility.await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> booted.must("systemctl show -p NRestarts --value vmctl").equals("1"));
      booted.must("systemctl start vmctl");
      assertThat(awaitVm(booted)).isEqualTo(vm);
      booted.powerOff();
    }
    assertThat(Files.readString(debian().root().resolve("var/lib/vmctl/events.jsonl")))
        .containsPattern("\"Stopped\",\"vm\":\"box\"");
    try (BootedDebian booted = debian().boot()) {
      awaitVm(booted); // As before the host went down.
      assertThat(booted.must("systemctl is-active vmctl vmctl-drain")).isEqualTo("active\nactive");
      theContainersOfTheDaemonSetMakeVmsThatOutliveThem(booted);
      // The package goes, and no VM with it.
      String vm = awaitVm(booted);
      booted.must("dpkg -r vmctl");
      assertThat(booted.must("pidof qemu-system-x86_64")).isEqualTo(vm);
    }
  }

  /**
   * As the kubelet runs them: with a root and name spaces of their own, but the node's processes,
   * and ended by control group.
   */
  private static void theContainersOfTheDaemonSetMakeVmsThatOutliveThem(BootedDebian node)
      throws IOException {
    JsonNode pod = pod();
    String bring = pod.at("/initContainers/0/args/0").asText();
    List<String> command = new ArrayList<>();
    pod.at("/containers/0/command").forEach(word -> command.add(word.asText()));
    pod.at("/containers/0/args").forEach(word -> command.add(word.asText()));
    node.must(
        "systemctl stop vmctl && kill $(pidof qemu-system-x86_64) && rm -r /var/lib/vmctl/vms");
    Path image = Files.createDirectories(debian().root().resolve("image"));
    for (String directory :
        List.of("usr", "proc", "sys", "dev", "tmp", "run", "node/opt/vmctl", "node/etc/vmctl")) {
      Files.createDirectories(image.resolve(directory));
    }
    for (String link : List.of("bin", "lib", "lib64")) {
      Files.createSymbolicLink(image.resolve(link), Path.of("usr", link));
    }
    node.must("mkdir /opt/vmctl /image/opt && cp -a /usr/lib/vmctl /image/opt/vmctl");
    Files.createDirectories(image.resolve("config"));
    Files.copy(debian().root().resolve("etc/vmctl/vmctl.kdl"), image.resolve("config/vmctl.kdl"));
    Files.writeString(image.resolve("bring"), bring);

    String container =
        "systemd-run --quiet -p RootDirectory=/image -p MountAPIVFS=yes -p BindReadOnlyPaths=/usr"
            + " -p BindPaths=/opt/vmctl:/node/opt/vmctl -p BindPaths=/etc/vmctl:/node/etc/vmctl ";
    node.must(
        container + "--wait --unit=bring -E JAVA_HOME=$(echo /usr/lib/jvm/*) /bin/sh -e /bring");
    node.must(container + "--unit=container " + String.join(" ", command));
    String vm = awaitVm(node);
    node.must("systemctl kill -s KILL container");
    Awaitility.await()
        .until(() -> node.run("systemctl is-active container").output().startsWith("failed"));
    assertThat(awaitVm(node)).isEqualTo(vm);
  }

  private static JsonNode pod() throws IOException {
    try (var documents =
        new ObjectMapper(new YAMLFactory())
            .readerFor(JsonNode.class)
            .<JsonNode>readValues(ROOT.resolve("manifests/kubernetes/vmctl.yaml").toFile())) {
      return documents.readAll().stream()
          .filter(each -> each.path("kind").asText().equals("DaemonSet"))
          .findFirst()
          .orElseThrow()
          .at("/spec/template/spec");
    }
  }

  @Test
  @Order(3)
  void thePackageIsRemovedAndLeavesDisksAlone() {
    assertThat(debian().run("ls /usr/lib/vmctl /usr/bin/vmctl").succeeded()).isFalse();
    debian().must("test -f /etc/vmctl/vmctl.kdl && id vmctl");

    assertThat(debian().run("dpkg -P vmctl").errors()).contains("holds virtual machines and stays");
    debian().must("test -d /var/lib/vmctl/vms/box && id vmctl && ! test -e /etc/vmctl/vmctl.kdl");
    debian().must("rm -r /var/lib/vmctl && dpkg -i /vmctl.deb && dpkg -P vmctl");
    debian().must("! test -e /var/lib/vmctl && ! id vmctl && ! getent group vmctl");
  }

  /** The process of the only one, once it has a scope: others only ask QEMU what it can do. */
  private static String awaitVm(BootedDebian booted) {
    String inScope =
        "for pid in $(pidof qemu-system-x86_64); do"
            + " grep -q '/vmctl-[^/]*[.]scope$' /proc/$pid/cgroup && echo $pid; done";
    return Awaitility.await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> booted.run(inScope).output().strip(), pid -> !pid.isEmpty());
  }

  private static CleanDebian debian() {
    return Objects.requireNonNull(debian);
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
}
