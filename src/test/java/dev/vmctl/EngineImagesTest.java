package dev.vmctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.api.ImageRemoval;
import dev.vmctl.api.ImageRequest;
import dev.vmctl.api.ImageTask;
import dev.vmctl.api.ImageView;
import dev.vmctl.api.Vmctl;
import dev.vmctl.disk.Disks;
import dev.vmctl.disk.OverlayDisks;
import dev.vmctl.host.LinuxHostProcesses;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The image cache as an engine looks after it. */
class EngineImagesTest {
  @TempDir Path directory;
  private Path data;
  private Vmctl vmctl;

  @BeforeEach
  void open() {
    data = directory.resolve("data");
    vmctl = VmctlEngine.open(EngineOptions.command(data, Duration.ofSeconds(5))).api();
  }

  @AfterEach
  void close() {
    vmctl.close();
  }

  private ImageView pulled(String name) throws Exception {
    byte[] content = Arrays.copyOf(("\0" + name).getBytes(StandardCharsets.UTF_8), 4096);
    Path file = Files.write(directory.resolve(name), content);
    return Objects.requireNonNull(
        ended(new ImageRequest.Pull(file.toString(), null, name)).image());
  }

  private ImageTask ended(ImageRequest request) {
    ImageTask task = vmctl.begin(request);
    while (!task.ended()) {
      task = vmctl.imageTask(task.id(), task.version(), Duration.ofSeconds(30));
    }
    return task;
  }

  private void diskOn(ImageView image, String where) throws Exception {
    Path overlay = data.resolve(where);
    Files.createDirectories(overlay.getParent());
    new OverlayDisks(data, new LinuxHostProcesses(), Clock.systemUTC())
        .createOverlay(
            overlay,
            new Disks.BaseImage(Path.of(image.path()), "raw", image.virtualSizeBytes()),
            null);
  }

  private void record(ImageView image, String where) throws Exception {
    Path file = data.resolve(where);
    Files.createDirectories(file.getParent());
    Files.writeString(file, "{\"imageDigest\": \"" + image.digest() + "\"}");
  }

  @Test
  void whatADiskARecordOrTheTrashNeedsIsNeverPruned() throws Exception {
    diskOn(pulled("of-a-vm"), "vms/web/overlay.qcow2");
    diskOn(pulled("of-a-snapshot"), "vms/web/snapshots/1/disk.qcow2");
    record(pulled("of-history"), "vms/web/history/3/spec.json");
    diskOn(pulled("of-the-trash"), "trash/20260131-120000-web/content/overlay.qcow2");
    ImageView unused = pulled("of-nobody");

    List<ImageView> would = vmctl.remove(new ImageRemoval(List.of(), true));
    assertThat(would).extracting(ImageView::digest).containsExactly(unused.digest());
    assertThat(vmctl.images()).hasSize(5);

    List<ImageView> removed = vmctl.remove(new ImageRemoval(List.of(), false));
    assertThat(removed).extracting(ImageView::digest).containsExactly(unused.digest());
    assertThat(vmctl.images())
        .extracting(image -> image.names().getFirst())
        .containsExactlyInAnyOrder("of-a-vm", "of-a-snapshot", "of-history", "of-the-trash");
    assertThat(vmctl.images()).noneMatch(image -> image.usedBy().isEmpty());
  }

  @Test
  void anImageInUseIsNotRemovedByItsNameEither() throws Exception {
    ImageView image = pulled("debian");
    ImageView other = pulled("other");
    diskOn(image, "vms/web/overlay.qcow2");

    assertFails(
        ErrorCode.IMAGE_IN_USE,
        () -> vmctl.remove(new ImageRemoval(List.of("other", "debian"), false)));
    assertFails(
        ErrorCode.IMAGE_NOT_FOUND,
        () -> vmctl.remove(new ImageRemoval(List.of("other", "none"), false)));
    assertThat(vmctl.images()).hasSize(2);
    assertThat(vmctl.remove(new ImageRemoval(List.of(other.digest().substring(7, 19)), false)))
        .hasSize(1);
  }

  @Test
  void whatFailsIsToldWhoFollowsIt() {
    ImageTask task = ended(new ImageRequest.Pull("/nowhere/disk", null, null));
    assertThat(Objects.requireNonNull(task.failure()).code()).isEqualTo("image.not_found");
    assertThat(task.image()).isNull();
    assertFails(ErrorCode.IMAGE_NOT_FOUND, () -> vmctl.imageTask("99", 0, Duration.ZERO));
    assertFails(ErrorCode.IMAGE_NOT_FOUND, () -> vmctl.begin(new ImageRequest.Verify("none")));
  }

  private static void assertFails(ErrorCode code, ThrowingCallable call) {
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(VmException.class, e -> assertThat(e.code()).isEqualTo(code));
  }
}
