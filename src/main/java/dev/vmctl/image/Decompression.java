package dev.vmctl.image;

import com.github.luben.zstd.ZstdInputStreamNoFinalizer;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.SequenceInputStream;
import java.util.zip.GZIPInputStream;

/** How the bytes of a download become those of the image; told by its first bytes. */
enum Decompression {
  NONE("plain") {
    @Override
    InputStream open(InputStream in) {
      return in;
    }
  },
  ZSTD("zstd") {
    @Override
    InputStream open(InputStream in) throws IOException {
      return new ZstdInputStreamNoFinalizer(in);
    }
  },
  GZIP("gzip") {
    @Override
    InputStream open(InputStream in) throws IOException {
      return new GZIPInputStream(in, BUFFER);
    }
  };

  private static final int BUFFER = 1 << 16;

  private final String text;

  Decompression(String text) {
    this.text = text;
  }

  abstract InputStream open(InputStream in) throws IOException;

  String text() {
    return text;
  }

  /**
   * The image within a download.
   *
   * @param body its reading may fail with {@link BodyStream.BrokenOffException}
   * @throws VmException when what comes is surely no image
   */
  static Opened open(InputStream body, ImageUrl url) throws IOException {
    byte[] head = body.readNBytes(ForeignFormats.HEAD_BYTES);
    Decompression way = of(head);
    if (way == NONE) {
      ForeignFormats.refuse(head, url.shown());
      requireNoSuffix(url);
    }
    InputStream whole = new SequenceInputStream(new ByteArrayInputStream(head), body);
    return new Opened(way, way.open(whole));
  }

  private static Decompression of(byte[] head) {
    if (startsWith(head, 0x28, 0xb5, 0x2f, 0xfd)) {
      return ZSTD;
    }
    return startsWith(head, 0x1f, 0x8b) ? GZIP : NONE;
  }

  private static boolean startsWith(byte[] head, int... mark) {
    for (int i = 0; i < mark.length; i++) {
      if (head.length <= i || (head[i] & 0xff) != mark[i]) {
        return false;
      }
    }
    return true;
  }

  private static void requireNoSuffix(ImageUrl url) {
    if (url.endsWith(".zst") || url.endsWith(".zstd") || url.endsWith(".gz")) {
      throw new VmException(
          ErrorCode.IMAGE_INVALID,
          url.shown() + " is not compressed as its name says",
          "the server may send something else in its place; look at it with: curl -L");
    }
  }

  /**
   * @param image the bytes of the image
   */
  record Opened(Decompression way, InputStream image) {}
}
