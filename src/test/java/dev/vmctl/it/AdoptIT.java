package dev.vmctl.it;

import static dev.vmctl.it.Installation.condition;
import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import com.fasterxml.jackson.databind.ObjectMapper;
import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
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

  private static final ObjectMapper JSON = new ObjectMapper();

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
        "qemu-img",
        "create",
        "-q",
        "-f",
        "qcow2",
        "-F",
        "qcow2",
        "-b",
        GUEST.image().toString(),
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
                "web",
                now ->
                    now.path("restarts").asInt() == 1
                        && Installation.isConverged(now)
                        && !now.path("conditions").findValuesAsText("type").contains("Adopted"));
    assertThat(healed.path("pid").asLong()).isNotEqualTo(pid);
    assertThat(healed.path("mac").asText()).isEqualTo("52:54:00:aa:bb:cc");
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

  /** In the very directory that the original has its VMs in, as it has written them down. */
  @Test
  void theMachinesOfTheOriginalAreAdoptedWhereTheyAre() throws Exception {
    Path web = original("web");
    Path db = original("db");
    long pid = startOriginal(web);
    Path file =
        Files.writeString(
            root.resolve("VMFile.kdl"), GUEST.vm("web", 128, "touch ran") + GUEST.vm("db", 128));
    assertThat(vmctl().vmctl("up", "--file", file.toString()).err())
        .contains("is a VM of the original vmctl", "vmctl adopt --original");

    vmctl().succeed("adopt", "--original", "--all", "--dry-run");
    assertThat(vmctl().list()).isEmpty();
    Installation.Ended adopted = vmctl().succeed("adopt", "--original", "--all");
    assertThat(adopted.err())
        .contains("web: adopted, running as process " + pid, "db: adopted, stopped");

    assertThat(vmctl().status("web").path("pid").asLong()).isEqualTo(pid);
    assertThat(vmctl().status("db").path("state").asText()).isEqualTo("stopped");
    vmctl().succeed("up", "--file", file.toString());
    JsonNode now = vmctl().awaitConverged("web");
    assertThat(now.path("pid").asLong()).as("declared as it is").isEqualTo(pid);
    assertThat(now.path("generation").asLong()).isEqualTo(2);
    assertThat(now.path("provision").path("done").asBoolean()).as("steps ran long ago").isTrue();
    JsonNode started = vmctl().awaitConverged("db");
    assertThat(started.path("mac").asText()).isEqualTo("52:54:00:00:00:02");
    assertThat(Path.of(started.path("paths").path("disk").asText()))
        .isRegularFile()
        .isEqualTo(db.resolve("overlay.qcow2"));
    assertThat(vmctl().trash()).isEmpty();
    vmctl().succeed("stop", "web", "db");
  }

  /** A directory as the original makes it, and its line in {@code vms.json}. */
  private Path original(String name) throws Exception {
    Path vm = Files.createDirectories(vmctl().data().resolve("vms").resolve(name));
    run(
        "qemu-img",
        "create",
        "-q",
        "-f",
        "qcow2",
        "-F",
        "qcow2",
        "-b",
        GUEST.image().toString(),
        vm.resolve("overlay.qcow2").toString());
    Path file = vmctl().data().resolve("vms.json");
    ObjectNode all =
        Files.exists(file) ? (ObjectNode) JSON.readTree(file.toFile()) : JSON.createObjectNode();
    all.putObject(name)
        .put("id", "qemu-" + name)
        .put("name", name)
        .put("backend", "qemu")
        .put("work_dir", vm.toString())
        .put("overlay_path", vm.resolve("overlay.qcow2").toString())
        .putNull("seed_iso_path")
        .put("pid", 1)
        .put("qmp_socket", vm.resolve("qmp.sock").toString())
        .put("console_socket", vm.resolve("console.sock").toString())
        .putNull("vnc_addr")
        .put("vcpus", 1)
        .put("memory_mb", 128)
        .putNull("disk_gb")
        .put("ssh_host_port", freePort())
        .put("mac_addr", name.equals("web") ? "52:54:00:00:00:01" : "52:54:00:00:00:02")
        .put("uefi", false)
        .putObject("network")
        .put("type", "user");
    JSON.writeValue(file.toFile(), all);
    return vm;
  }

  /** Its command line, but for KVM, and for the kernel that this guest needs. */
  private long startOriginal(Path vm) throws Exception {
    run(
        "qemu-system-x86_64",
        "-machine",
        "q35,accel=tcg",
        "-cpu",
        "max",
        "-nodefaults",
        "-smp",
        "1",
        "-m",
        "128M",
        "-qmp",
        "unix:" + vm.resolve("qmp.sock") + ",server,nowait",
        "-chardev",
        "socket,id=serial0,path="
            + vm.resolve("console.sock")
            + ",server=on,wait=off,logfile="
            + vm.resolve("console.log"),
        "-serial",
        "chardev:serial0",
        "-vnc",
        "127.0.0.1:0,to=99",
        "-drive",
        "file=" + vm.resolve("overlay.qcow2") + ",format=qcow2,if=none,id=drive0,discard=unmap",
        "-device",
        "virtio-blk-pci,drive=drive0",
        "-netdev",
        "user,id=net0,hostfwd=tcp::" + freePort() + "-:22",
        "-device",
        "virtio-net-pci,netdev=net0,mac=52:54:00:00:00:01",
        "-kernel",
        GUEST.directory().resolve("vmlinuz").toString(),
        "-initrd",
        GUEST.directory().resolve("initrd.img").toString(),
        "-append",
        "console=ttyS0 root=/dev/vda quiet cryptomgr.notests no_timer_check",
        "-daemonize",
        "-pidfile",
        vm.resolve("qemu.pid").toString());
    return Long.parseLong(Files.readString(vm.resolve("qemu.pid")).strip());
  }

  @Test
  @Fault(area = Area.DATA, value = "a machine cannot be adopted, or a VM not be released")
  void whatCannotBeTakenOrLetGoStaysAsItIs(Seen seen) throws Exception {
    refused(seen, "nobody listens", "adopt", "web", "--qmp", root.resolve("no.qmp").toString());
    Path disk = disk("web");
    Path qmp = startMachine("web", disk, "-S");
    try (SocketChannel other = SocketChannel.open(UnixDomainSocketAddress.of(qmp))) {
      assertThat(other.read(ByteBuffer.allocate(1))).as("its greeting").isEqualTo(1);
      refused(seen, "another program is connected", "adopt", "web", "--qmp", qmp.toString());
    }
    Path two =
        startMachine("two", disk("two"), "-S", "-drive", "file=" + disk("data") + ",if=virtio");
    refused(seen, "it has two disks", "adopt", "two", "--qmp", two.toString());
    vmctl().succeed("adopt", "two", "--qmp", two.toString(), "--disk", srv("two").toString());
    assertThat(vmctl().status("two").path("state").asText()).isEqualTo("suspended");
    vmctl().succeed("adopt", "web", "--qmp", qmp.toString());
    refused(seen, "it is a VM already", "adopt", "other", "--qmp", qmp.toString());
    original("old");
    refused(seen, "no such VM of the original", "adopt", "--original", "older");
    refused(
        seen,
        "a name of the original",
        "create",
        "--name",
        "old",
        "--image",
        GUEST.image().toString());
    Path watched = Files.createDirectory(root.resolve("watched"));
    Files.writeString(watched.resolve("a.kdl"), "vm \"declared\" { backend \"noop\"; }\n");
    Daemon.start(vmctl(), watched);
    vmctl().awaitStatusOnceKnown("declared", status -> status.path("ready").asBoolean());
    refused(seen, "its directory declares it", "release", "declared");
    assertThat(vmctl().processesBelow(root, "qemu-system-x86_64")).as("run on").hasSize(2);
    vmctl().succeed("release", "two");
    assertThat(vmctl().processesBelow(root, "qemu-system-x86_64")).as("run on").hasSize(2);
  }

  private Path srv(String name) {
    return root.resolve("srv").resolve(name + ".qcow2");
  }

  private void refused(Seen seen, String fault, String... command) throws Exception {
    Installation.Ended ended = vmctl().vmctl(command);
    assertThat(ended.exitCode()).as("%s", ended).isEqualTo(1);
    seen.calling(vmctl().data(), "<data>")
        .calling(root, "<dir>")
        .says(fault, ended.err().strip() + "\nexit code " + ended.exitCode());
  }
}
