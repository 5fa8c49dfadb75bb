package dev.vmctl.hypervisor.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.junit.jupiter.api.Assumptions.assumeTrue;

import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import dev.vmctl.host.LinuxHostFacts;
import dev.vmctl.host.ProcessUser;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.Finding;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermission;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.ArrayList;
import java.util.List;
import java.util.Set;
import java.util.UUID;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Whom QEMU becomes under root, and how it comes to what it opens later. */
class LesserUserTest {
  private static final ProcessUser NOBODY = new ProcessUser(65534, 65534);

  @TempDir Path directory;
  private Path disks = Path.of("/nonexistent");
  private Path disk = disks;

  @BeforeEach
  void asRoot() throws IOException {
    assumeTrue(
        "root".equals(System.getProperty("user.name")),
        "only root can give something away: run the tests as root to have these");
    disks = directory.resolve("data/vms/web/disks");
    Files.createDirectories(disks, PosixFilePermissions.asFileAttribute(mode("rwx------")));
    disk =
        Files.createFile(
            disks.resolve("d"), PosixFilePermissions.asFileAttribute(mode("rw-------")));
    Files.setPosixFilePermissions(directory, mode("rwx--x--x"));
  }

  private static Set<PosixFilePermission> mode(String text) {
    return PosixFilePermissions.fromString(text);
  }

  private FileLender lender(@Nullable ProcessUser user) throws IOException {
    Path vm = directory.resolve("data/vms/web");
    Path run = Files.createDirectories(directory.resolve("data/run"));
    return new FileLender(new VmHandle(new VmName("web"), UUID.randomUUID(), vm, run, null), user);
  }

  private static String look(Path path) {
    try {
      return Files.getAttribute(path, "unix:uid")
          + ":"
          + Files.getAttribute(path, "unix:gid")
          + " "
          + PosixFilePermissions.toString(Files.getPosixFilePermissions(path));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @Test
  void aFileIsTheirsWhileTheyOpenItAndTheWayToItShowsNothing() throws Exception {
    List<String> meanwhile = new ArrayList<>();
    lender(NOBODY).whileLent(disk, () -> meanwhile.add(look(disk)));
    assertThat(meanwhile).containsExactly("65534:0 rw-------");
    assertThat(look(disk)).isEqualTo("0:0 rw-------");
    assertThat(look(disks)).isEqualTo("0:65534 rwx--x---");
    assertThat(look(directory.resolve("data"))).isEqualTo("0:65534 rwx--x---");
    assertThat(look(directory)).isEqualTo("0:0 rwx--x--x");
  }

  @Test
  void nothingIsTouchedForOneWhoHasOurRights() throws Exception {
    for (ProcessUser user : new ProcessUser[] {null, new ProcessUser(0, 0)}) {
      lender(user).whileLent(disk, () -> assertThat(look(disk)).startsWith("0:0"));
      assertThat(look(disks)).isEqualTo("0:0 rwx------");
    }
  }

  @Test
  @Fault(area = Area.HOST, value = "a QEMU that gave up root may not pass to what it is to open")
  void aDirectoryThatIsNotTheVmsIsLeftShutAndNamed(Seen seen) throws Exception {
    Files.setPosixFilePermissions(directory, mode("rwx------"));
    FileLender lender = lender(NOBODY);
    seen.calling(directory.toRealPath(), "<dir>")
        .failed(catchThrowableOfType(VmException.class, () -> lender.whileLent(disk, () -> {})));
    assertThat(look(directory)).isEqualTo("0:0 rwx------");
    assertThat(look(disk)).isEqualTo("0:0 rw-------");
  }

  @Test
  void rootIsGivenUpForTheOneThatIsNamedAndNeverForOneThatIsNotThere() {
    assertThat(user("nobody").name()).isEqualTo("nobody");
    assertThat(user("root").name()).isNull();
    assertThat(user("root").examine())
        .singleElement()
        .satisfies(finding -> assertThat(finding.result()).isEqualTo(Finding.Result.WARN));
    assertThat(user("nobody").examine())
        .singleElement()
        .satisfies(finding -> assertThat(finding.message()).contains("runs as nobody"));
  }

  @Test
  @Fault(area = Area.HOST, value = "the user that QEMU is to become does not exist")
  void whomThisHostDoesNotHaveNobodyBecomes(Seen seen) {
    seen.failed(catchThrowableOfType(VmException.class, () -> user("no-such-user").name()));
    assertThat(user("no-such-user").examine())
        .singleElement()
        .satisfies(finding -> assertThat(finding.result()).isEqualTo(Finding.Result.FAIL));
  }

  private static QemuUser user(String declared) {
    return new QemuUser(declared, LinuxHostFacts.ofThisProcess());
  }
}
