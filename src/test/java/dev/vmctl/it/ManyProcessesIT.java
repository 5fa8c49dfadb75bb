package dev.vmctl.it;

import static org.assertj.core.api.Assertions.assertThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.channels.ServerSocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Many vmctl processes on one data directory: one writer a VM, and readers who never wait. */
class ManyProcessesIT {
  @TempDir Path directory;
  private @Nullable Installation installation;

  @BeforeEach
  void install() throws IOException {
    installation = Installation.in(directory, "data");
  }

  @AfterEach
  void end() {
    vmctl().close();
  }

  @Test
  @Fault(
      area = Area.PROCESSES,
      value = "ten `up`s at once on one VMFile",
      silent = "each succeeds; every VM is made and started once; `list` answers all the while")
  void tenUpsAtOnceMakeEveryMachineOnce() throws Exception {
    declare(
        "VMFile.kdl",
        machine("real", ""),
        "vm \"a\" {\n  backend \"noop\"\n}\n",
        "vm \"b\" {\n  backend \"noop\"\n}\n");
    List<Installation.Running> ups = new ArrayList<>();
    for (int i = 0; i < 10; i++) {
      ups.add(vmctl().start("up"));
    }
    do {
      assertThat(vmctl().list().size()).isBetween(0, 3);
    } while (!ups.getFirst().process().waitFor(1, TimeUnit.SECONDS));
    for (Installation.Running up : ups) {
      assertThat(up.end().exitCode()).as("%s", up.end()).isZero();
    }
    assertThat(vmctl().list())
        .hasSize(3)
        .allSatisfy(vm -> assertThat(vm.path("state").asText()).isEqualTo("running"));
    assertThat(vmctl().status("real").path("generation").asInt()).isEqualTo(1);
    assertThat(hypervisors()).as("QEMU processes").hasSize(1);
    List<String> started =
        vmctl().events().stream()
            .filter(event -> event.path("reason").asText().equals("Started"))
            .map(event -> event.path("vm").asText())
            .toList();
    assertThat(started).containsExactlyInAnyOrder("real", "a", "b");
  }

  @Test
  @Fault(area = Area.PROCESSES, value = "another command has the VM")
  void whoHasTheMachineIsNamedAndItsDeathFreesIt(Seen seen) throws Exception {
    Installation.Running holder = upThatWaits("slow");

    Installation.Ended second = vmctl().vmctl("--lock-timeout", "1s", "up");
    seen.calling(vmctl().data(), "<data>")
        .calling(commandOf(second), "<command>")
        .ended(second.exitCode(), second.err());
    assertThat(second.err()).contains("process " + holder.process().pid());

    Installation.kill(holder.process().pid());
    vmctl().succeed("stop", "slow", "--timeout", "1");
    assertThat(vmctl().status("slow").path("state").asText()).isEqualTo("stopped");
    assertThat(hypervisors()).isEmpty();
  }

  @Test
  @Fault(
      area = Area.PROCESSES,
      value = "a daemon starts while an `up` is at work",
      silent =
          "it serves at once, not ready; new commands become its clients; their intents reach the running `up`; it acts when that has ended")
  void aDaemonServesWhileAnUpIsAtWorkAndTakesOverAfterIt() throws Exception {
    Path watched = Files.createDirectory(directory.resolve("watched"));
    Installation.Running up = upThatWaits("slow");
    Daemon daemon = Daemon.serving(vmctl(), watched);
    assertThat(daemon.isReady()).isFalse();
    assertThat(vmctl().status("slow").path("state").asText()).isEqualTo("running");

    Files.writeString(directory.resolve("other.kdl"), "vm \"other\" {\n  backend \"noop\"\n}\n");
    Installation.Running client = vmctl().start("up", "--file", "other.kdl");
    Installation.await("the client's intent", vmctl()::list, list -> list.size() == 2);
    assertThat(up.process().isAlive()).isTrue();

    vmctl().succeed("stop", "slow", "--timeout", "1");
    Installation.Ended ended = up.end();
    assertThat(ended.exitCode()).as("%s", ended).isEqualTo(1);
    assertThat(ended.err()).contains("stopped");
    assertThat(client.end().exitCode()).as("%s", client.end()).isZero();
    Installation.await("readiness", daemon::isReady, ready -> ready);
    assertThat(vmctl().status("other").path("supervised").asBoolean()).isTrue();
  }

  @Test
  @Fault(
      area = Area.PROCESSES,
      value = "a socket that a killed daemon left",
      silent = "commands work without a daemon; the next daemon replaces it")
  void aStaleSocketIsNoDaemon() throws Exception {
    Files.createDirectories(vmctl().data());
    ServerSocketChannel.open(StandardProtocolFamily.UNIX)
        .bind(UnixDomainSocketAddress.of(vmctl().data().resolve("vmctl.sock")))
        .close();
    declare("VMFile.kdl", "vm \"a\" {\n  backend \"noop\"\n}\n");

    vmctl().succeed("up");

    JsonNode a = vmctl().status("a");
    assertThat(a.path("state").asText()).isEqualTo("running");
    assertThat(a.path("supervised").asBoolean()).isFalse();
  }

  /** An {@code up} that has the VM's lock and does not end, as its guest has no SSH. */
  private Installation.Running upThatWaits(String name) throws Exception {
    declare("VMFile.kdl", machine(name, "ssh { user \"vm\" }"));
    Installation.Running up = vmctl().start("up");
    Installation.await(
        name + " runs",
        vmctl()::list,
        list -> list.valueStream().anyMatch(vm -> vm.path("state").asText().equals("running")));
    return up;
  }

  /** A machine of the real hypervisor with nothing on its disk. */
  private String machine(String name, String more) throws IOException {
    Path image = directory.resolve("empty.raw");
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(1 << 20);
    }
    return "vm \"%s\" {\n  image \"%s\"\n  vcpus 1\n  memory 64\n  %s\n}\n"
        .formatted(name, image, more);
  }

  private void declare(String file, String... machines) throws IOException {
    Files.writeString(directory.resolve(file), String.join("\n", machines));
  }

  private List<Long> hypervisors() {
    return ProcessHandle.allProcesses()
        .map(ProcessHandle::pid)
        .filter(pid -> commandLine(pid).startsWith("qemu-system"))
        .filter(pid -> commandLine(pid).contains(vmctl().data().toString()))
        .toList();
  }

  private static String commandLine(long pid) {
    try {
      String whole =
          Files.readString(
              Path.of("/proc", Long.toString(pid), "cmdline"), StandardCharsets.ISO_8859_1);
      return whole.replaceFirst("^[^\\x00]*/", "");
    } catch (IOException gone) {
      return "";
    }
  }

  /** What stands in parentheses: a command line of this machine. */
  private static String commandOf(Installation.Ended ended) {
    int open = ended.err().indexOf('(');
    return ended.err().substring(open + 1, ended.err().indexOf(')', open));
  }

  private Installation vmctl() {
    return Objects.requireNonNull(installation);
  }
}
