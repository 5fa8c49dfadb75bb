package dev.vmctl.disk;

import dev.vmctl.host.AtomicFiles;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.qcow2.Qcow2Content;
import dev.vmctl.qcow2.Qcow2FormatException;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ClosedByInterruptException;
import java.nio.channels.FileChannel;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;

/** Writes the content of an image to a raw disk that is all zeros, leaving out what is zero. */
final class BaseCopy {
  private static final int BLOCK = 1 << 20;

  /** The grain in which zeros are left out, bytes. */
  private static final int GRAIN = 1 << 16;

  private static final ByteBuffer ZEROS = ByteBuffer.allocateDirect(GRAIN).asReadOnlyBuffer();

  private BaseCopy() {}

  /**
   * Copies and makes the copy durable.
   *
   * @throws VmException image.invalid, disk.full, io
   * @throws InterruptedException when the thread was interrupted; the target holds a part then
   */
  static void write(Disks.BaseImage base, Path target, CopyProgress progress)
      throws InterruptedException {
    try (FileChannel from = FileChannel.open(base.path(), StandardOpenOption.READ);
        FileChannel to = FileChannel.open(target, StandardOpenOption.WRITE)) {
      Qcow2Content.Sink sink =
          (offset, content) -> {
            put(to, offset, content);
            progress.at(Math.min(offset + content.limit(), base.sizeBytes()), base.sizeBytes());
          };
      if (base.format().equals("qcow2")) {
        Qcow2Content.read(from, sink);
      } else {
        raw(from, sink);
      }
      to.force(true);
    } catch (ClosedByInterruptException e) {
      Thread.interrupted();
      throw (InterruptedException) new InterruptedException("the copy was given up").initCause(e);
    } catch (Qcow2FormatException e) {
      throw new VmException(
          ErrorCode.IMAGE_INVALID,
          "the image " + base.path() + " cannot be copied to a disk: it " + e.getMessage(),
          "'qemu-img check' tells more; an image for this backend must stand alone",
          e);
    } catch (IOException e) {
      throw AtomicFiles.failure("copy the image to", target, e);
    }
  }

  private static void raw(FileChannel from, Qcow2Content.Sink sink) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocateDirect(BLOCK);
    long offset = 0;
    while (from.read(buffer.clear(), offset) >= 0) {
      sink.accept(offset, buffer.flip());
      offset += buffer.limit();
    }
  }

  private static void put(FileChannel to, long offset, ByteBuffer content) throws IOException {
    int end = content.limit();
    for (int start = content.position(); start < end; start += GRAIN) {
      ByteBuffer grain = content.slice(start, Math.min(GRAIN, end - start));
      if (!isZero(grain)) {
        long at = offset + start;
        while (grain.hasRemaining()) {
          at += to.write(grain, at);
        }
      }
    }
  }

  private static boolean isZero(ByteBuffer grain) {
    return grain.mismatch(ZEROS.slice(0, grain.remaining())) < 0;
  }
}
