package dev.vmctl.it;

import static dev.vmctl.it.Installation.condition;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Machines that others have started become VMs, and are nobody's again: with real guests. */
class AdoptIT {
  private static final SmallGuest GUEST = SmallGuest.ofThisMachine();

  @TempDir Path directory;
  private @Nullable Installation installation;
  private Path root = Path.of("");

  @BeforeEach
  void install() throws Exception {
    installation = Installation.in(directory, "data");
    root = directory.toRealPath();
  }

  @AfterEach
  void end() {
    vmctl().close();
  }

  private Installation vmctl() {
    return Objects.requireNonNull(installation);
  }

  /** What the test's QEMUs write and stand on is all below one directory. */
  private Path disk(String name) throws Exception {
    Path disk = Files.createDirectories(root.resolve("srv")).resolve(name + ".qcow2");
    run(
        "qemu-img", "create", "-q", "-f", "qcow2", "-F", "qcow2", "-b", GUEST.image().toString(),
        disk.toString());
    return disk;
  }

  private static void run(String... command) throws Exception {
    Process process = new ProcessBuilder(command).inheritIO().start();
    assertThat(process.waitFor()).as("exit code of %s", List.of(command)).isZero();
  }

  /** A machine as somebody starts it by hand, in the background: without a uuid. */
  private Path startMachine(String name, Path disk, String... further) throws Exception {
    Path qmp = root.resolve(name + ".qmp");
    List<String> command =
        new ArrayList<>(
            List.of(
                "qemu-system-x86_64",
                "-machine",
                "q35,accel=tcg",
                "-cpu",
                "max",
                "-nodefaults",
                "-display",
                "none",
                "-smp",
                "1",
                "-m",
                "128M",
                "-kernel",
                GUEST.directory().resolve("vmlinuz").toString(),
                "-initrd",
                GUEST.directory().resolve("initrd.img").toString(),
                "-append",
                "console=ttyS0 root=/dev/vda quiet cryptomgr.notests no_timer_check",
                "-qmp",
                "unix:" + qmp + ",server=on,wait=off",
                "-chardev",
                "socket,id=serial0,path="
                    + root.resolve(name + ".serial")
                    + ",server=on,wait=off,logfile="
                    + root.resolve(name + ".console"),
                "-serial",
                "chardev:serial0",
                "-drive",
                "file=" + disk + ",format=qcow2,if=none,id=drive0",
                "-device",
                "virtio-blk-pci,drive=drive0",
                "-netdev",
                "user,id=net0,hostfwd=tcp::" + freePort() + "-:22",
                "-device",
                "virtio-net-pci,netdev=net0,mac=52:54:00:aa:bb:cc",
                "-device",
                "virtio-serial-pci",
                "-chardev",
                "socket,id=ga,path=" + root.resolve(name + ".agent") + ",server=on,wait=off",
                "-device",
                "virtserialport,chardev=ga,name=org.qemu.guest_agent.0",
                "-daemonize"));
    command.addAll(List.of(further));
    run(command.toArray(String[]::new));
    return qmp;
  }

  private void awaitBooted(String name) {
    Installation.await(
        "the guest " + name + " up",
        () -> Files.readString(root.resolve(name + ".console")),
        said -> said.contains("vmguest: ready"));
  }

  private static int freePort() throws Exception {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }

  /** A line of a file in the guest, by its agent: nobody needs a key for that. */
  private String inGuest(String vm, String command) throws Exception {
    return vmctl().succeed("exec", vm, "--", "sh", "-c", command).out().strip();
  }

  @Test
  void aMachineThatRunsIsAdoptedHealedStoppedStartedAndReleasedOnItsDisk() throws Exception {
    Path disk = disk("web");
    Path qmp = startMachine("web", disk);
    long pid = vmctl().processesBelow(root, "qemu-system-x86_64").getFirst();
    Path file = root.resolve("VMFile.kdl");
    Path watched = Files.createDirectory(root.resolve("vmfiles"));

    Installation.Ended dry = vmctl().succeed("adopt", "web", "--qmp", qmp.toString(), "--dry-run");
    assertThat(dry.out()).contains("vm web", "vcpus 1", "memory 128");
    assertThat(vmctl().list()).isEmpty();

    Daemon daemon = Daemon.start(vmctl(), watched);
    Installation.Ended adopted =
        vmctl().succeed("adopt", "web", "--qmp", qmp.toString(), "--file", file.toString());
    assertThat(adopted.err()).contains("web: adopted, running as process " + pid);
    JsonNode web = vmctl().awaitConverged("web");
    assertThat(web.path("pid").asLong()).isEqualTo(pid);
    assertThat(web.path("mac").asText()).isEqualTo("52:54:00:aa:bb:cc");
    assertThat(condition(web, "Adopted").path("message").asText())
        .contains("nothing of it can be changed while it runs");
    Path link = Path.of(web.path("paths").path("disk").asText());
    assertThat(link.toRealPath()).isEqualTo(disk);
    assertThat(vmctl().succeed("plan", "--file", file.toString()).out())
        .isEqualTo("nothing to do\n");

    awaitBooted("web");
    assertThat(inGuest("web", "echo kept >/root/before && sync && cat /root/before"))
        .isEqualTo("kept");
    assertThat(vmctl().succeed("up", "--file", file.toString()).exitCode()).isZero();
    assertThat(vmctl().awaitConverged("web").path("pid").asLong()).isEqualTo(pid);

    // A daemon that was killed finds it again, by what it is and not by its number.
    daemon.kill();
    Daemon.start(vmctl(), watched);
    assertThat(vmctl().awaitConverged("web").path("pid").asLong()).isEqualTo(pid);

    Installation.kill(pid);
    JsonNode healed =
        vmctl()
            .awaitStatus(
                "web", now -> now.path("restarts").asInt() == 1 && Installation.isConverged(now));
    assertThat(healed.path("pid").asLong()).isNotEqualTo(pid);
    assertThat(healed.path("mac").asText()).isEqualTo("52:54:00:aa:bb:cc");
    assertThat(healed.path("conditions").findValuesAsText("type")).doesNotContain("Adopted");
    Installation.await(
        "the guest's agent",
        () -> vmctl().vmctl("exec", "web", "--", "cat", "/root/before"),
        ended -> ended.out().strip().equals("kept"));
    assertThat(Files.isSymbolicLink(link)).as("the disk stays where it is").isTrue();

    vmctl().succeed("stop", "web");
    vmctl().succeed("start", "web");
    JsonNode started = vmctl().awaitConverged("web");
    long last = started.path("pid").asLong();

    Installation.Ended released = vmctl().succeed("release", "web");
    assertThat(released.out()).contains(disk.toString());
    assertThat(vmctl().list()).isEmpty();
    assertThat(Installation.isAlive(last)).as("it runs on").isTrue();
    assertThat(vmctl().vmctl("up", "--file", file.toString()).err())
        .contains("was released", "vmctl adopt web");

    vmctl().succeed("adopt", "web");
    JsonNode back = vmctl().awaitConverged("web");
    assertThat(back.path("pid").asLong()).isEqualTo(last);
    assertThat(back.path("uuid")).isEqualTo(started.path("uuid"));
    vmctl().succeed("destroy", "web");
    assertThat(disk).as("destroyed is the VM, not what was there before").exists();
  }
}
