package dev.vmctl.image;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.BufferedInputStream;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.List;
import java.util.Locale;
import org.apache.commons.compress.compressors.bzip2.BZip2CompressorInputStream;
import org.apache.commons.compress.compressors.gzip.GzipCompressorInputStream;
import org.tukaani.xz.XZInputStream;

/** How the bytes of a file become those of the image in it; told by its first bytes. */
enum Decompression {
  NONE("plain", List.of()) {
    @Override
    InputStream decoder(InputStream in) {
      return in;
    }
  },
  ZSTD("zstd", List.of(".zst", ".zstd"), 0x28, 0xb5, 0x2f, 0xfd) {
    @Override
    InputStream decoder(InputStream in) throws IOException {
      return new ZstdInputStreamNoFinalizer(in);
    }
  },
  GZIP("gzip", List.of(".gz"), 0x1f, 0x8b) {
    @Override
    InputStream decoder(InputStream in) throws IOException {
      // The JDK's takes a file of several members for its first one when the network pauses there.
      return GzipCompressorInputStream.builder()
          .setInputStream(in)
          .setDecompressConcatenated(true)
          .get();
    }
  },
  XZ("xz", List.of(".xz"), 0xfd, '7', 'z', 'X', 'Z', 0) {
    @Override
    InputStream decoder(InputStream in) throws IOException {
      return new XZInputStream(in, XZ_MEMORY_KIB);
    }
  },
  BZIP2("bzip2", List.of(".bz2"), 'B', 'Z', 'h') {
    @Override
    InputStream decoder(InputStream in) throws IOException {
      return new BZip2CompressorInputStream(in, true);
    }
  };

  /** What {@code xz -9} takes, and no more: a file may ask for 4 GiB. */
  private static final int XZ_MEMORY_KIB = 70 << 10;

  private static final int PIECE = 1 << 17;

  private final String text;
  private final List<String> suffixes;
  private final int[] mark;

  Decompression(String text, List<String> suffixes, int... mark) {
    this.text = text;
    this.suffixes = suffixes;
    this.mark = mark;
  }

  abstract InputStream decoder(InputStream in) throws IOException;

  String text() {
    return text;
  }

  /** How what begins like this is compressed. */
  static Decompression of(byte[] head) {
    for (Decompression way : values()) {
      if (way != NONE && way.isIn(head)) {
        return way;
      }
    }
    return NONE;
  }

  private boolean isIn(byte[] head) {
    for (int i = 0; i < mark.length; i++) {
      if (head.length <= i || (head[i] & 0xff) != mark[i]) {
        return false;
      }
    }
    return true;
  }

  /**
   * The bytes within.
   *
   * @param head what was read of the rest already
   * @param rest read to its end, also beyond the end of what is compressed
   */
  InputStream open(byte[] head, InputStream rest) throws IOException {
    // Some read byte by byte; each reading is written and digested.
    InputStream whole =
        new BufferedInputStream(
            new SequenceInputStream(new ByteArrayInputStream(head), rest), PIECE);
    return new FilterInputStream(decoder(whole)) {
      @Override
      public int read() throws IOException {
        byte[] one = new byte[1];
        return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
      }

      @Override
      public int read(byte[] target, int offset, int length) throws IOException {
        int count = in.read(target, offset, length);
        if (count < 0) {
          drain(whole);
        }
        return count;
      }
    };
  }

  private static void drain(InputStream in) throws IOException {
    byte[] buffer = new byte[1 << 16];
    while (in.read(buffer) >= 0) {
      // Its digest counts.
    }
  }

  /**
   * @param head how something begins that is not compressed
   * @param source what to call it; may end in a suffix
   * @throws VmException when that cannot be an image
   */
  static void requireImage(byte[] head, String source) {
    ForeignFormats.refuse(head, source);
    String name = source.toLowerCase(Locale.ROOT);
    for (Decompression way : values()) {
      if (way.suffixes.stream().anyMatch(name::endsWith)) {
        throw new VmException(
            ErrorCode.IMAGE_INVALID,
            source + " is not compressed as its name says",
            "the server may send something else in its place; look at it with: curl -L");
      }
    }
  }
}
