package dev.vmctl.image;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.QemuImg;
import dev.vmctl.image.ImageSource.LocalFile;
import dev.vmctl.model.ErrorCode;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.Arrays;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** Files that are compressed, of other makers, or not what they should be. */
class ImageCacheFormatTest extends ImageCacheFileFixture {
  @ParameterizedTest
  @ValueSource(strings = {"zstd", "xz", "gzip", "bzip2"})
  void aCompressedFileIsStoredAsItIsInside(String tool) throws Exception {
    Path compressed = compressed(tool, file);

    CachedImage image = ensure(compressed);

    assertThat(image.path()).hasSameBinaryContentAs(file);
    assertThat(image.digest()).isEqualTo("sha256:" + sha256(file));
    assertThat(cache.lookup(new LocalFile(compressed))).contains(image);
    byte[] whole = Files.readAllBytes(compressed);
    Path cut = Files.write(directory.resolve("cut"), Arrays.copyOf(whole, whole.length - 60));
    assertFails(
        ErrorCode.IMAGE_DECOMPRESSION_FAILED,
        cache.ensure(new LocalFile(cut), progress -> {}),
        "cut off");
    assertNothingLeftOver(images);
  }

  private Path compressed(String tool, Path what) throws Exception {
    Path target = directory.resolve("image." + tool);
    ProcessBuilder builder = new ProcessBuilder(tool, "-1", "-c", what.toString());
    Process process = builder.redirectOutput(target.toFile()).start();
    assertThat(process.waitFor()).isZero();
    return target;
  }

  @Test
  void aFileThatIsNotWhatWasDeclaredIsRefused() throws Exception {
    Path compressed = compressed("gzip", file);
    String inner = sha256(file);
    String outer = sha256(compressed);
    String wrong = "0".repeat(64);

    assertFails(
        ErrorCode.IMAGE_CHECKSUM_MISMATCH,
        cache.ensure(new LocalFile(compressed, wrong), progress -> {}),
        outer);
    assertThat(cache.list()).isEmpty();
    assertNothingLeftOver(images);
    CachedImage image = cache.ensure(new LocalFile(compressed, outer), progress -> {}).get();
    assertThat(cache.lookup(new LocalFile(compressed, "sha256:" + inner))).contains(image);
    assertThat(cache.lookup(new LocalFile(compressed, wrong))).isEmpty();
  }

  @ParameterizedTest
  @ValueSource(strings = {"vmdk", "vdi", "vhdx", "vpc", "qed"})
  void imagesOfOtherMakersAreBasesOfDisks(String format) throws Exception {
    QemuImg.assumeInstalled();
    Path image = directory.resolve("image." + format);
    QemuImg.succeed("convert", "-f", "raw", "-O", format, "" + file, "" + image);

    CachedImage cached = ensure(image);

    Path overlay = directory.resolve("overlay.qcow2");
    QemuImg.succeed(
        "create",
        "-q",
        "-f",
        "qcow2",
        "-F",
        cached.format().text(),
        "-b",
        "" + cached.path(),
        "" + overlay,
        "" + cached.virtualSizeBytes());
    QemuImg.check(overlay);
    Path raw = directory.resolve("raw");
    QemuImg.succeed("convert", "-O", "raw", "" + overlay, "" + raw);
    byte[] first = Arrays.copyOf(Files.readAllBytes(raw), 3 * MEGABYTE);
    assertThat(first).isEqualTo(Files.readAllBytes(file));
  }

  @Test
  void aChainOfAnotherMakerIsRefused() throws Exception {
    QemuImg.assumeInstalled();
    Path base = directory.resolve("base.vmdk");
    Path top = directory.resolve("top.vmdk");
    QemuImg.succeed("create", "-q", "-f", "vmdk", "" + base, "8M");
    QemuImg.succeed("create", "-q", "-f", "vmdk", "-F", "vmdk", "-b", "" + base, "" + top);

    assertFails(
        ErrorCode.IMAGE_INVALID,
        cache.ensure(new LocalFile(top), progress -> {}),
        "another image below it");
    assertNothingLeftOver(images);
  }

  @Test
  void whatCannotBeReadSaysWhy() throws Exception {
    assertFails(
        ErrorCode.IMAGE_NOT_FOUND,
        cache.ensure(new LocalFile(directory.resolve("no")), progress -> {}),
        "no image");
    assertFails(
        ErrorCode.IMAGE_INVALID,
        cache.ensure(new LocalFile(directory), progress -> {}),
        "not a regular file");
  }

  @Test
  void anUnreadableFileIsNotCalledMissingAndTheSuperuserReadsIt() throws Exception {
    Files.setPosixFilePermissions(file, PosixFilePermissions.fromString("---------"));
    if (Files.isReadable(file)) {
      assertThat(ensure(file).digest()).isEqualTo("sha256:" + sha256(file));
    } else {
      assertFails(ErrorCode.IO, cache.ensure(new LocalFile(file), progress -> {}), "permission");
    }
  }
}
