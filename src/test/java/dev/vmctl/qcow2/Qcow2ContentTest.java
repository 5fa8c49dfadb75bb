package dev.vmctl.qcow2;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.QemuImg;
import java.io.RandomAccessFile;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Arrays;
import java.util.Random;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.ValueSource;

/** What we read of an image is what qemu-img reads of it. */
class Qcow2ContentTest {
  private static final int SIZE = 5 * 1024 * 1024 + 512;

  @TempDir Path directory;
  private Path raw;
  private Path image;

  @BeforeEach
  void content() throws Exception {
    QemuImg.assumeInstalled();
    raw = directory.resolve("raw");
    image = directory.resolve("image.qcow2");
    byte[] bytes = new byte[SIZE];
    Random random = new Random(1);
    for (int i = 0; i < 12; i++) {
      byte[] piece = new byte[random.nextInt(200_000)];
      random.nextBytes(piece);
      if (i % 2 == 0) {
        // Half of it can be compressed, half of it cannot.
        Arrays.fill(piece, (byte) i);
      }
      System.arraycopy(piece, 0, bytes, random.nextInt(SIZE - piece.length), piece.length);
    }
    bytes[SIZE - 1] = 1;
    Files.write(raw, bytes);
  }

  private void read() throws Exception {
    Path copy = directory.resolve("copy");
    try (FileChannel from = FileChannel.open(image, StandardOpenOption.READ);
        RandomAccessFile to = new RandomAccessFile(copy.toFile(), "rw")) {
      to.setLength(Qcow2Header.read(from).virtualSize());
      long[] reached = {0};
      Qcow2Content.read(
          from,
          (offset, content) -> {
            assertThat(offset).isGreaterThanOrEqualTo(reached[0]);
            reached[0] = offset;
            to.getChannel().write(content, offset);
          });
      assertThat(reached[0]).isEqualTo(SIZE);
    }
    assertThat(Files.mismatch(raw, copy)).isEqualTo(-1);
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "compat=1.1",
        "compat=0.10",
        "cluster_size=512",
        "cluster_size=4k",
        "cluster_size=2M",
        "extended_l2=on",
        "extended_l2=on,cluster_size=16k",
        "preallocation=metadata"
      })
  void anImageIsReadAsItIs(String options) throws Exception {
    QemuImg.succeed(
        "convert", "-f", "raw", "-O", "qcow2", "-o", options, raw.toString(), image.toString());
    read();
  }

  @ParameterizedTest
  @ValueSource(
      strings = {
        "compression_type=zlib",
        "compression_type=zstd",
        "compression_type=zlib,cluster_size=4k",
        "compression_type=zstd,cluster_size=2M",
        "compression_type=zstd,extended_l2=on"
      })
  void aCompressedImageIsReadAsItIs(String options) throws Exception {
    QemuImg.succeed(
        "convert",
        "-c",
        "-f",
        "raw",
        "-O",
        "qcow2",
        "-o",
        options,
        raw.toString(),
        image.toString());
    read();
  }

  @Test
  void anImageThatNeedsAnotherFileIsRefused() throws Exception {
    QemuImg.succeed("create", "-f", "qcow2", "-F", "raw", "-b", raw.toString(), image.toString());
    assertThatThrownBy(this::read)
        .isInstanceOf(Qcow2FormatException.class)
        .hasMessageContaining("needs another file");
  }

  @Test
  void aDamagedClusterIsRefused() throws Exception {
    QemuImg.succeed("convert", "-c", "-f", "raw", "-O", "qcow2", raw.toString(), image.toString());
    try (RandomAccessFile file = new RandomAccessFile(image.toFile(), "rw")) {
      file.setLength(file.length() * 3 / 4);
    }
    assertThatThrownBy(this::read).isInstanceOf(Qcow2FormatException.class);
  }
}
