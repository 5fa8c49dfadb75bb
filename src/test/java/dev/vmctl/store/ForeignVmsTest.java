package dev.vmctl.store;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.host.LinuxHostLocks;
import dev.vmctl.host.LinuxHostProcesses;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import dev.vmctl.store.FileVmStore.Sharing;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Map;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** VMs whose files others have made, or have now. */
class ForeignVmsTest {
  private static final VmName WEB = new VmName("web");

  @TempDir Path root;
  private DataDirectory data;
  private FileVmStore store;

  @BeforeEach
  void open() throws Exception {
    data = new DataDirectory(root);
    Files.createDirectories(data.vms());
    store = new FileVmStore(data, new LinuxHostLocks(new LinuxHostProcesses()), Sharing.SHARED);
  }

  @Test
  void aDirectoryWithFilesOfOthersIsTakenOverOnlyWhenAskedFor() throws Exception {
    Files.createDirectories(data.vm(WEB));
    Files.writeString(data.vm(WEB).resolve("overlay.qcow2"), "theirs");
    VmRecord record = FileVmStoreTest.record(WEB);
    assertTaken(() -> store.update(WEB, none -> record), "holds files");

    assertThat(store.takeOver(record)).isEqualTo(record);

    assertThat(store.read(WEB)).contains(record);
    assertThat(data.vm(WEB).resolve("overlay.qcow2")).hasContent("theirs");
    assertTaken(() -> store.takeOver(record), "there is a VM 'web' already");
  }

  @Test
  void aReleasedVmIsForgottenItsNameIsNotAndItComesBackAsItWas() {
    VmRecord record = FileVmStoreTest.record(WEB);
    store.update(WEB, none -> record);
    assertThat(store.release(WEB, now -> false)).isFalse();
    assertThat(store.release(WEB, now -> true)).isTrue();

    assertThat(store.names()).isEmpty();
    assertThat(store.read(WEB)).isEmpty();
    assertThat(store.released(WEB)).contains(record);
    assertTaken(() -> store.update(WEB, none -> record), "was released");

    store.takeOver(record);
    assertThat(store.released(WEB)).isEmpty();
    assertThat(store.read(WEB)).contains(record);
    assertThat(store.release(new VmName("other"), now -> true)).isFalse();
  }

  @Test
  void namesOfTheOriginalAreItsUntilTheyAreAdopted() throws Exception {
    Files.writeString(data.original(), "{\"web\": {\"backend\": \"qemu\"}}");
    VmRecord record = FileVmStoreTest.record(WEB);
    assertTaken(() -> store.update(WEB, none -> record), "is a VM of the original vmctl");
    VmName other = new VmName("other");
    store.update(other, none -> FileVmStoreTest.record(other));
    store.takeOver(record);
    store.update(WEB, now -> now == null ? null : now.withLabels(Map.of("a", "b")));
    assertThat(data.original()).hasContent("{\"web\": {\"backend\": \"qemu\"}}");
  }

  @Test
  void aNameOfTheOriginalIsFreeOnceItsDiskIsGone() throws Exception {
    Path disk = Files.createFile(root.resolve("disk.qcow2"));
    Files.writeString(
        data.original(), "{\"web\": {\"backend\": \"qemu\", \"overlay_path\": \"" + disk + "\"}}");
    VmRecord record = FileVmStoreTest.record(WEB);
    assertTaken(() -> store.update(WEB, none -> record), "is a VM of the original vmctl");
    Files.delete(disk);
    assertThat(store.update(WEB, none -> record)).isEqualTo(record);
  }

  @Test
  void whatTheOriginalHasWrittenIsUnderstoodOfEachOfItsVersions() throws Exception {
    Path file =
        Files.writeString(
            data.original(),
            """
            {"old": {"id": "1", "name": "old", "backend": "qemu", "work_dir": "/d",
                     "overlay_path": "/d/o", "seed_iso_path": null, "pid": null,
                     "qmp_socket": "/d/q", "console_socket": null, "vnc_addr": null},
             "new": {"backend": "qemu", "work_dir": "/d", "vcpus": 4, "memory_mb": 2048,
                     "network": {"type": "tap", "bridge": "br7"}, "ssh_host_port": 10042,
                     "mac_addr": "52:54:1:2:3:4", "uefi": true, "disk_gb": 20, "pid": 17}}
            """);
    OriginalVms all = OriginalVms.of(file);
    assertThat(all.names()).containsExactly("old", "new");
    OriginalVm old = all.vm("old");
    assertThat(old.vcpus()).isEqualTo(1);
    assertThat(old.memoryMb()).isEqualTo(1024);
    assertThat(old.network()).isEqualTo(new OriginalVm.Network("user", null));
    assertThat(old.control()).isEqualTo(Path.of("/d/q"));
    OriginalVm fresh = all.vm("new");
    assertThat(fresh.network()).isEqualTo(new OriginalVm.Network("tap", "br7"));
    assertThat(fresh.uefi()).isTrue();
    assertThat(fresh.sshPort()).isEqualTo(10042);
    assertThatThrownBy(() -> all.vm("none")).hasMessageContaining("has no VM 'none'");
  }

  @Test
  void aDamagedFileOfTheOriginalIsSaidToBeSoAndNoNameIsFree() throws Exception {
    Files.writeString(data.original(), "[1, 2");
    assertThatThrownBy(() -> OriginalVms.in(data).names())
        .isInstanceOfSatisfying(
            VmException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORE_CORRUPT));
    assertThatThrownBy(() -> store.update(WEB, none -> FileVmStoreTest.record(WEB)))
        .isInstanceOfSatisfying(
            VmException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORE_CORRUPT));
  }

  private static void assertTaken(ThrowingCallable call, String words) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            VmException.class,
            e -> {
              assertThat(e.code()).isEqualTo(ErrorCode.VM_NAME_TAKEN);
              assertThat(e.getMessage()).contains(words);
            });
  }
}
