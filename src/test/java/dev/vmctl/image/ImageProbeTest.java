package dev.vmctl.image;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assertions.catchThrowableOfType;

import dev.vmctl.QemuImg;
import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

class ImageProbeTest {
  /** Where a qcow2 header says how it is encrypted, and its word for LUKS. */
  private static final int CRYPT_METHOD = 32;

  private static final int LUKS = 2;

  private static final long MEGABYTE = 1L << 20;
  private static final int INCOMPATIBLE_FEATURES = 72;

  @TempDir Path directory;

  @ParameterizedTest
  @ValueSource(
      strings = {
        "compat=0.10",
        "compat=1.1",
        "cluster_size=512",
        "cluster_size=2M",
        "extended_l2=on,cluster_size=128k",
        "preallocation=metadata",
        "lazy_refcounts=on",
        "compression_type=zstd",
        "refcount_bits=64"
      })
  void everyKindOfQcow2TheToolMakesIsRecognized(String options) throws Exception {
    QemuImg.assumeInstalled();
    Path image = directory.resolve("image");
    QemuImg.succeed("create", "-q", "-f", "qcow2", "-o", options, "" + image, "33M");
    assertThat(ImageCache.inspect(image))
        .isEqualTo(new ImageFacts(ImageFormat.QCOW2, 33 * MEGABYTE, Files.size(image)));
  }

  @ParameterizedTest
  @ValueSource(strings = {"-c", "-q"})
  void anImageWithContentIsWholeButNotWhenItIsCutOffAnywhere(String option) throws Exception {
    QemuImg.assumeInstalled();
    Path image = qcow2WithContent(option);
    long size = Files.size(image);
    assertThat(ImageCache.inspect(image).format()).isEqualTo(ImageFormat.QCOW2);

    // What is beyond the last cluster's start may be short: QEMU reads zeros there.
    for (long cut = size - 2 * 65536; cut > 4; cut -= size / 37) {
      truncate(image, cut);
      assertFails(ErrorCode.IMAGE_INVALID, image, "");
    }
  }

  @Test
  void damagedHeadersNeverDoMoreThanFail() throws Exception {
    QemuImg.assumeInstalled();
    Path image = qcow2WithContent("-c");
    byte[] header = Arrays.copyOf(Files.readAllBytes(image), 640);
    Random random = new Random(42);
    int refused = 0;
    for (int round = 0; round < 2000; round++) {
      byte[] damaged = header.clone();
      for (int change = 0; change <= random.nextInt(4); change++) {
        damaged[4 + random.nextInt(600)] = (byte) random.nextInt();
      }
      try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
        file.write(damaged);
      }
      try {
        assertThat(ImageCache.inspect(image).format()).isEqualTo(ImageFormat.QCOW2);
      } catch (VmException e) {
        refused++;
      }
    }
    assertThat(refused).isPositive();
  }

  @Test
  void anOverlayIsRefusedAndToldHowToBecomeOneImage() throws Exception {
    QemuImg.assumeInstalled();
    Path base = directory.resolve("base");
    Path overlay = directory.resolve("overlay");
    QemuImg.succeed("create", "-q", "-f", "raw", "" + base, "1M");
    QemuImg.succeed("create", "-q", "-f", "qcow2", "-b", "" + base, "-F", "raw", "" + overlay);
    assertFails(ErrorCode.IMAGE_INVALID, overlay, base.toString());
    assertThatThrownBy(() -> ImageCache.inspect(overlay))
        .isInstanceOfSatisfying(
            VmException.class, e -> assertThat(e.help()).contains("qemu-img convert -O qcow2"));
  }

  @Test
  @Fault(area = Area.IMAGE, value = "keeps its content in another file")
  void externalDataIsRefused(Seen seen) throws Exception {
    QemuImg.assumeInstalled();
    Path image = directory.resolve("image");
    String options = "data_file=" + directory.resolve("data") + ",data_file_raw=on";
    QemuImg.succeed("create", "-q", "-f", "qcow2", "-o", options, "" + image, "1M");
    seen.failed(assertFails(ErrorCode.IMAGE_INVALID, image, "another file"));
  }

  @Test
  @Fault(area = Area.IMAGE, value = "is encrypted")
  void anEncryptedImageIsRefused(Seen seen) throws Exception {
    QemuImg.assumeInstalled();
    Path image = directory.resolve("image");
    // Set by hand: the tool times the host's processor to encrypt, and fails where it cannot.
    QemuImg.succeed("create", "-q", "-f", "qcow2", "" + image, "1M");
    try (RandomAccessFile header = new RandomAccessFile(image.toFile(), "rw")) {
      header.seek(CRYPT_METHOD);
      header.writeInt(LUKS);
    }
    seen.failed(assertFails(ErrorCode.IMAGE_UNSUPPORTED, image, "encrypted"));
  }

  @Test
  void aCorruptBitAndUnknownFeaturesAreRefused() throws Exception {
    QemuImg.assumeInstalled();
    Path image = directory.resolve("image");
    QemuImg.succeed("create", "-q", "-f", "qcow2", "" + image, "1M");
    feature(image, 2);
    assertFails(ErrorCode.IMAGE_INVALID, image, "corrupt");
    feature(image, 1L << 40);
    assertFails(ErrorCode.IMAGE_UNSUPPORTED, image, "features");
  }

  @ParameterizedTest
  @ValueSource(strings = {"vmdk", "vdi", "vhdx"})
  void whatQemuReadsOfOtherMakersIsKnownWithItsSize(String format) throws Exception {
    QemuImg.assumeInstalled();
    Path image = directory.resolve("image");
    QemuImg.succeed("create", "-q", "-f", format, "" + image, "8M");

    ImageFacts facts = ImageCache.inspect(image);

    assertThat(facts.format().text()).isEqualTo(format);
    assertThat(facts.virtualSizeBytes()).isEqualTo(8 << 20);
  }

  @ParameterizedTest
  @ValueSource(strings = {"vpc", "qed"})
  void otherFormatsAreRefusedAndToldHowToConvert(String format) throws Exception {
    QemuImg.assumeInstalled();
    Path image = directory.resolve("image." + format);
    QemuImg.succeed("create", "-q", "-f", format, "" + image, "8M");
    assertFails(ErrorCode.IMAGE_UNSUPPORTED, image, "image");
    assertThatThrownBy(() -> ImageCache.inspect(image))
        .isInstanceOfSatisfying(
            VmException.class,
            e -> assertThat(e.help()).contains("qemu-img convert -O qcow2 " + image));
  }

  @Test
  void rawIsWhateverHasWholeSectors() throws Exception {
    Path image = directory.resolve("disk.qcow2");
    Files.write(image, new byte[512]);
    assertThat(ImageCache.inspect(image)).isEqualTo(new ImageFacts(ImageFormat.RAW, 512, 512));
    Files.write(image, new byte[4097]);
    assertFails(ErrorCode.IMAGE_INVALID, image, "sectors");
  }

  @Test
  void whatIsNoImageSaysWhatItIs() throws Exception {
    Path file = directory.resolve("file");
    assertFails(ErrorCode.IMAGE_INVALID, Files.write(file, new byte[0]), "empty");
    String page = "\n<!DOCTYPE html><html>" + "x".repeat(1002);
    assertFails(ErrorCode.IMAGE_FORMAT_DETECTION_FAILED, Files.writeString(file, page), "web page");
    assertFails(
        ErrorCode.IMAGE_FORMAT_DETECTION_FAILED,
        Files.writeString(file, "word ".repeat(512)),
        "text");
    byte[] zstd = {0x28, (byte) 0xb5, 0x2f, (byte) 0xfd, 0, 0, 0, 0};
    assertFails(ErrorCode.IMAGE_UNSUPPORTED, Files.write(file, zstd), "zstd");
    assertFails(ErrorCode.IMAGE_NOT_FOUND, directory.resolve("no"), "no image");
    assertFails(ErrorCode.IMAGE_INVALID, directory, "is a directory");
  }

  private Path qcow2WithContent(String convertOption) throws Exception {
    Path raw = directory.resolve("raw");
    byte[] content = new byte[3 << 20];
    new Random(1).nextBytes(content);
    Files.write(raw, content);
    Path image = directory.resolve("image");
    QemuImg.succeed("convert", convertOption, "-f", "raw", "-O", "qcow2", "" + raw, "" + image);
    return image;
  }

  private static void truncate(Path file, long size) throws IOException {
    try (RandomAccessFile access = new RandomAccessFile(file.toFile(), "rw")) {
      access.setLength(size);
    }
  }

  private static void feature(Path image, long bits) throws IOException {
    try (RandomAccessFile access = new RandomAccessFile(image.toFile(), "rw")) {
      access.seek(INCOMPATIBLE_FEATURES);
      access.writeLong(bits);
    }
  }

  private static VmException assertFails(ErrorCode code, Path image, String saying) {
    VmException failure = catchThrowableOfType(VmException.class, () -> ImageCache.inspect(image));
    assertThat(failure.code()).as(failure.getMessage()).isEqualTo(code);
    assertThat(failure.getMessage()).contains(saying).contains(image.toString());
    assertThat(failure.help()).isNotEmpty();
    return failure;
  }
}
