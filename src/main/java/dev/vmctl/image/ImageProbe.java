package dev.vmctl.image;

import dev.vmctl.host.AtomicFiles;
import dev.vmctl.host.Log;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.qcow2.Qcow2Check;
import dev.vmctl.qcow2.Qcow2FormatException;
import dev.vmctl.qcow2.Qcow2Header;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.file.AccessDeniedException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.util.Optional;

/** Tells by its content, never by its name, what an image file is and whether it can be a base. */
final class ImageProbe {
  private static final System.Logger LOG = Log.of(ImageProbe.class);
  private static final int SECTOR = 512;

  private ImageProbe() {}

  /**
   * Looks at the whole structure of a file (no content is read).
   *
   * @param source what to call it in messages
   * @throws VmException when it cannot be the base of a VM's disk
   */
  static ImageFacts inspect(Path file, String source) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      byte[] head = head(channel);
      if (Qcow2Header.isClaimedBy(head)) {
        return qcow2(channel, source);
      }
      Optional<ImageFormat> foreign = ForeignFormats.direct(head);
      if (foreign.isPresent()) {
        return foreign(foreign.get(), channel, source);
      }
      if (ForeignFormats.converted(head).isPresent()) {
        throw new VmException(
            ErrorCode.IMAGE_UNSUPPORTED,
            source
                + " is a "
                + ForeignFormats.converted(head).get()
                + " image, which no disk can stand on",
            "it becomes qcow2 when it is imported; by hand: qemu-img convert -O qcow2 "
                + source
                + " image.qcow2");
      }
      ForeignFormats.refuse(head, source);
      return raw(channel.size(), source);
    } catch (IOException e) {
      throw failure(source, e);
    }
  }

  /**
   * Looks at a file that is to be imported, and tells how it is compressed.
   *
   * @throws VmException when it is not, and cannot be the base of a VM's disk
   */
  static Decompression require(Path file, String source) {
    byte[] head = head(file, source);
    Decompression way = Decompression.of(head);
    if (way == Decompression.NONE && ForeignFormats.converted(head).isEmpty()) {
      inspect(file, source);
    }
    return way;
  }

  /** The facts of a file that was inspected before, such as one in the cache: its header tells. */
  static ImageFacts glance(Path file) throws IOException, Qcow2FormatException {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      long size = channel.size();
      byte[] head = head(channel);
      if (Qcow2Header.isClaimedBy(head)) {
        return new ImageFacts(ImageFormat.QCOW2, Qcow2Header.read(channel).virtualSize(), size);
      }
      Optional<ImageFormat> foreign = ForeignFormats.direct(head);
      if (foreign.isPresent()) {
        return foreign(foreign.get(), channel, file.toString());
      }
      return new ImageFacts(ImageFormat.RAW, size, size);
    }
  }

  /** What to say of a source that cannot be read. */
  static VmException failure(String source, IOException e) {
    if (e instanceof NoSuchFileException) {
      return new VmException(
          ErrorCode.IMAGE_NOT_FOUND,
          "there is no image " + source,
          "check the path; a relative one counts from the directory of its VMFile",
          e);
    }
    if (e instanceof AccessDeniedException) {
      return new VmException(
          ErrorCode.IO,
          "no permission to read the image " + source,
          "make the file readable, and each directory above it searchable, for the user vmctl runs"
              + " as",
          e);
    }
    if (Files.isDirectory(Path.of(source))) {
      return new VmException(
          ErrorCode.IMAGE_INVALID, source + " is a directory, no image", "name the file itself", e);
    }
    return AtomicFiles.failure("read the image", Path.of(source), e);
  }

  private static ImageFacts foreign(ImageFormat format, FileChannel channel, String source)
      throws IOException {
    long size = ForeignSizes.of(format, channel);
    if (size < 0) {
      throw invalid(
          source, "is a damaged " + format.text() + " image: it has no size", "get it again");
    }
    return new ImageFacts(format, size, channel.size());
  }

  /** How a file begins. */
  static byte[] head(Path file, String source) {
    try (FileChannel channel = FileChannel.open(file, StandardOpenOption.READ)) {
      return head(channel);
    } catch (IOException e) {
      throw failure(source, e);
    }
  }

  private static byte[] head(FileChannel channel) throws IOException {
    ByteBuffer head = ByteBuffer.allocate(ForeignFormats.HEAD_BYTES);
    while (head.hasRemaining() && channel.read(head, head.position()) >= 0) {
      // Until it is full or the file ends.
    }
    byte[] bytes = new byte[head.flip().remaining()];
    head.get(bytes);
    return bytes;
  }

  private static ImageFacts raw(long size, String source) {
    if (size == 0) {
      throw invalid(source, "is empty", "download or build it again");
    }
    if (size % SECTOR != 0) {
      throw invalid(
          source,
          "is no disk image: its " + size + " bytes are not a whole number of 512-byte sectors",
          "its download may have broken off; a raw image's size is a multiple of 512 bytes");
    }
    if (source.endsWith(".qcow2")) {
      LOG.log(
          System.Logger.Level.INFO, "image is named qcow2 but is raw by its content: {0}", source);
    }
    return new ImageFacts(ImageFormat.RAW, size, size);
  }

  private static ImageFacts qcow2(FileChannel channel, String source) throws IOException {
    try {
      Qcow2Header header = Qcow2Header.read(channel);
      refuseUnusable(header, source);
      Qcow2Check.references(channel, header);
      if (header.isDirty()) {
        LOG.log(
            System.Logger.Level.WARNING,
            "image was not closed by its last writer, which may still be running: {0}",
            source);
      }
      return new ImageFacts(ImageFormat.QCOW2, header.virtualSize(), channel.size());
    } catch (Qcow2FormatException e) {
      throw invalid(
          source,
          "is a damaged qcow2 image: it " + e.getMessage(),
          "get it again; 'qemu-img check' tells more");
    }
  }

  private static void refuseUnusable(Qcow2Header header, String source) {
    if (header.backingFile() != null) {
      throw overlay(source, header.backingFile());
    }
    if (header.hasExternalData()) {
      throw invalid(
          source,
          "keeps its content in another file",
          "make one file of both: qemu-img convert -O qcow2 " + source + " flat.qcow2");
    }
    if (header.isEncrypted()) {
      throw new VmException(
          ErrorCode.IMAGE_UNSUPPORTED,
          source + " is an encrypted qcow2 image",
          "decrypt it with 'qemu-img convert', giving its secret with --object");
    }
    if (header.isMarkedCorrupt()) {
      throw invalid(
          source,
          "is marked as corrupt by the QEMU that used it last",
          "repair a copy of it with 'qemu-img check -r all', or get it again");
    }
    if (header.unknownFeatures() != 0) {
      throw new VmException(
          ErrorCode.IMAGE_UNSUPPORTED,
          source
              + " needs features of qcow2 that vmctl does not know: 0x"
              + Long.toHexString(header.unknownFeatures()),
          "convert it: qemu-img convert -O qcow2 " + source + " plain.qcow2");
    }
  }

  /** An image that needs another one, which may not even be there. */
  static VmException overlay(String source, String below) {
    boolean gone = below.startsWith("/") && source.startsWith("/") && !Files.exists(Path.of(below));
    return invalid(
        source,
        "is an overlay that needs another image below it"
            + (gone ? ", which is gone: " : ": ")
            + below,
        gone
            ? "bring that file back, then make one image of both"
            : "make one image of both: qemu-img convert -O qcow2 " + source + " flat.qcow2");
  }

  private static VmException invalid(String source, String what, String help) {
    return new VmException(ErrorCode.IMAGE_INVALID, source + " " + what, help);
  }
}
