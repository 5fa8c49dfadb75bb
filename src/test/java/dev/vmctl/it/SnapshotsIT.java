package dev.vmctl.it;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import dev.vmctl.host.LinuxHostFacts;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.MethodOrderer;
import org.junit.jupiter.api.Order;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestMethodOrder;
import org.junit.jupiter.api.io.TempDir;

/**
 * One guest that is kept, goes back, goes to disk and is cloned, looked at from inside. The tests
 * are steps of one story, for a boot costs seconds.
 */
@TestMethodOrder(MethodOrderer.OrderAnnotation.class)
class SnapshotsIT {
  private static final String COUNTER =
      "(i=0; while sleep 0.1; do i=$((i+1)); echo $i >/dev/shm/count; done) >/dev/null 2>&1 &";

  @TempDir static Path directory;
  private static @Nullable Installation installation;
  private static String boot = "";
  private static int count;

  @BeforeAll
  static void up() throws Exception {
    installation = Installation.in(directory, "data");
    Files.writeString(directory.resolve("VMFile.kdl"), SmallGuest.ofThisMachine().vm("web", 128));
    vmctl().succeed("up");
    boot =
        inGuest("echo before >~/file; sync; " + COUNTER + " cat /proc/sys/kernel/random/boot_id");
  }

  @AfterAll
  static void end() {
    if (installation != null) {
      installation.close();
    }
  }

  private static Installation vmctl() {
    return Objects.requireNonNull(installation);
  }

  private static String inGuest(String command) throws Exception {
    return vmctl().inGuest("web", command);
  }

  private static int count() throws Exception {
    return Integer.parseInt(inGuest("cat /dev/shm/count"));
  }

  private static void assertNothingToDo() throws Exception {
    assertThat(vmctl().succeed("plan").out()).isEqualTo("nothing to do\n");
  }

  @Test
  @Order(1)
  void aSnapshotIsTakenWhileTheGuestRunsOn() throws Exception {
    JsonNode before = vmctl().status("web");
    vmctl().succeed("snapshot", "create", "web", "warm");
    assertThat(vmctl().status("web").path("pid")).isEqualTo(before.path("pid"));
    count = count();
    inGuest("echo after >~/later; sync");
    vmctl().succeed("snapshot", "create", "web", "disks", "--disk-only");
    assertThat(vmctl().succeed("snapshot", "list", "web", "-o", "name").out())
        .isEqualTo("warm\ndisks\n");
    assertNothingToDo();
  }

  @Test
  @Order(2)
  @Fault(area = Area.DATA, value = "a snapshot cannot be taken, restored or deleted")
  void whatCannotBeDoneLeavesEverythingAsItWas(Seen seen) throws Exception {
    refused(seen, "a name that is taken", "snapshot", "create", "web", "warm");
    refused(seen, "a restore into a running VM", "snapshot", "restore", "web", "warm");
    refused(seen, "a name that there is not", "snapshot", "delete", "--yes", "web", "worm");
    refused(seen, "a clone of a name that is taken", "clone", "web", "web");
    refused(seen, "memory to give up that there is not", "start", "--discard-state", "web");
    assertThat(count()).isGreaterThan(count);
  }

  private static void refused(Seen seen, String what, String... command) throws Exception {
    Installation.Ended ended = vmctl().vmctl(command);
    assertThat(ended.exitCode()).as("%s", ended).isEqualTo(1);
    seen.calling(directory.toRealPath(), "<dir>").says(what, ended.err().strip() + "\nexit code 1");
  }

  @Test
  @Order(3)
  void aRestoreBringsBackDiskAndMemory() throws Exception {
    vmctl().succeed("stop", "web");
    vmctl().succeed("snapshot", "restore", "web", "warm");
    assertThat(inGuest("cat /proc/sys/kernel/random/boot_id ~/file; ls ~/later; true"))
        .isEqualTo(boot + "\nbefore");
    int now = count();
    assertThat(now).as("it goes on").isGreaterThanOrEqualTo(count);
    assertThat(count()).isGreaterThan(now);
    assertNothingToDo();
    assertThat(vmctl().succeed("snapshot", "list", "web").out()).contains("automatic");
  }

  @Test
  @Order(4)
  void aGuestThatIsSuspendedToDiskGoesOnAfterABootOfTheHost() throws Exception {
    assumeThat(LinuxHostFacts.ofThisProcess().userId()).as("mounts a boot id: skipped").isZero();
    int before = count();
    vmctl().succeed("suspend", "--to-disk", "web");
    assertThat(vmctl().processes("qemu-system-x86_64")).isEmpty();
    assertThat(vmctl().status("web").path("state").asText()).isEqualTo("suspended");
    vmctl().bootHost();
    vmctl().succeed("resume", "web");
    assertThat(inGuest("cat /proc/sys/kernel/random/boot_id")).isEqualTo(boot);
    assertThat(count()).isGreaterThan(before);
    assertNothingToDo();
  }

  @Test
  @Order(5)
  void aCloneOfARunningGuestIsAnotherMachine() throws Exception {
    vmctl().succeed("clone", "web", "copy", "--start");
    JsonNode web = vmctl().status("web");
    JsonNode copy = vmctl().status("copy");
    assertThat(copy.path("mac")).isNotEqualTo(web.path("mac"));
    assertThat(copy.path("uuid")).isNotEqualTo(web.path("uuid"));
    assertThat(vmctl().inGuest("copy", "cat ~/file; hostname")).isEqualTo("before\ncopy");
    assertThat(key("copy")).isNotEqualTo(key("web"));
    assertThat(vmctl().inGuest("copy", "cat /proc/sys/kernel/random/boot_id")).isNotEqualTo(boot);
    assertThat(inGuest("cat /proc/sys/kernel/random/boot_id")).isEqualTo(boot);
    assertThat(vmctl().succeed("snapshot", "list", "web", "-o", "name").out())
        .doesNotContain("clone");
    assertNothingToDo();
  }

  private static String key(String vm) throws Exception {
    return Files.readString(vmctl().data().resolve("vms/" + vm + "/ssh_host_ed25519_key.pub"));
  }

  @Test
  @Order(6)
  void aDeletedSnapshotIsGone() throws Exception {
    vmctl().succeed("snapshot", "delete", "--yes", "web", "warm");
    assertThat(vmctl().succeed("snapshot", "list", "web", "-o", "name").out())
        .doesNotContain("warm");
    assertThat(inGuest("cat /proc/sys/kernel/random/boot_id")).isEqualTo(boot);
  }
}
