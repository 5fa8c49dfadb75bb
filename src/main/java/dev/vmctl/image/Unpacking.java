package dev.vmctl.image;

import dev.vmctl.host.AtomicFiles;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/** Decompresses an image into a file, digesting what comes out. */
final class Unpacking {
  private Unpacking() {}

  /**
   * @param head what was read of it already
   * @param source what to call it in messages
   * @return the digest of the image
   * @throws BrokenOffException when the rest did not arrive
   * @throws VmException image.decompression_failed when it is damaged; disk.full
   */
  static String unpack(
      Decompression way, byte[] head, InputStream rest, Path part, String source, ImportTask task)
      throws BrokenOffException, ContentChangedException {
    try (SparseWriter out = new SparseWriter(part)) {
      copy(way, head, rest, out, source, task);
      return out.finish();
    } catch (BrokenOffException | ContentChangedException e) {
      throw e;
    } catch (IOException e) {
      throw AtomicFiles.failure("write", part, e);
    }
  }

  private static void copy(
      Decompression way,
      byte[] head,
      InputStream rest,
      SparseWriter out,
      String source,
      ImportTask task)
      throws IOException {
    try (ReadAhead image = opened(way, head, rest, source)) {
      for (Piece piece = next(image, way, source);
          piece != null;
          piece = next(image, way, source)) {
        out.write(piece);
        piece.release();
        task.checkWaitedFor();
      }
    }
  }

  private static ReadAhead opened(Decompression way, byte[] head, InputStream rest, String source)
      throws IOException {
    try {
      return new ReadAhead(
          way.open(head, rest), Thread.ofPlatform().daemon().name("image-decompress"));
    } catch (BrokenOffException | ContentChangedException e) {
      throw e;
    } catch (IOException e) {
      throw damaged(way, source, e);
    }
  }

  private static @Nullable Piece next(ReadAhead image, Decompression way, String source)
      throws IOException {
    try {
      return image.next();
    } catch (BrokenOffException | ContentChangedException e) {
      throw e;
    } catch (IOException e) {
      throw damaged(way, source, e);
    }
  }

  private static VmException damaged(Decompression way, String source, IOException e) {
    return new VmException(
        ErrorCode.IMAGE_DECOMPRESSION_FAILED,
        source
            + " is damaged or cut off: cannot decompress it ("
            + way.text()
            + "): "
            + DownloadFailures.reason(e),
        "it arrived as its source has it; tell who made it, or use another image",
        e);
  }
}
