package dev.vmctl.image;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.nio.charset.StandardCharsets;
import java.util.Arrays;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;

/** Knows by their first bytes the files that are no images we run, and says what to do instead. */
final class ForeignFormats {
  /** How many bytes of a file decide. */
  static final int HEAD_BYTES = 512;

  private static final String CONVERT =
      "convert it first: qemu-img convert -O qcow2 %s image.qcow2";
  private static final String DECOMPRESS = "decompress it first, for example: %s";

  /**
   * @param offset where the mark is, bytes
   * @param help with the file's name for {@code %s}
   */
  private record Mark(int offset, byte[] bytes, String name, String help) {
    Mark(int offset, String latin, String name, String help) {
      this(offset, latin.getBytes(StandardCharsets.ISO_8859_1), name, help);
    }

    boolean isIn(byte[] head) {
      int end = offset + bytes.length;
      return head.length >= end && Arrays.equals(head, offset, end, bytes, 0, bytes.length);
    }
  }

  private static final List<Mark> MARKS =
      List.of(
          new Mark(0, "# Disk DescriptorFile", "the descriptor of a VMDK image", CONVERT),
          new Mark(
              0,
              "LUKS\u00ba\u00be",
              "encrypted with LUKS",
              "decrypt it with 'qemu-img convert', giving its secret with --object"),
          new Mark(0, "(\u00b5/\u00fd", "compressed with zstd", "zstd -d %s"),
          new Mark(0, "\u001f\u008b", "compressed with gzip", "gunzip -k %s"),
          new Mark(0, "\u00fd7zXZ\0", "compressed with xz", "xz -dk %s"),
          new Mark(0, "BZh", "compressed with bzip2", "bunzip2 -k %s"),
          new Mark(0, "PK\u0003\u0004", "a ZIP archive", "unzip %s"));

  /** What QEMU reads as it is. */
  private static final Map<ImageFormat, Mark> DIRECT =
      Map.of(
          ImageFormat.VMDK, new Mark(0, "KDMV", "", ""),
          ImageFormat.VDI, new Mark(0x40, "\u007f\u0010\u00da\u00be", "", ""),
          ImageFormat.VHDX, new Mark(0, "vhdxfile", "", ""));

  /** What is converted, by QEMU's name of the format. */
  private static final Map<String, Mark> CONVERTED =
      Map.of(
          "vmdk", new Mark(0, "COWD", "", ""),
          "vpc", new Mark(0, "conectix", "", ""),
          "qed", new Mark(0, "QED\0", "", ""));

  private ForeignFormats() {}

  /** The format of an image of another maker that QEMU reads as it is. */
  static Optional<ImageFormat> direct(byte[] head) {
    return DIRECT.entrySet().stream()
        .filter(entry -> entry.getValue().isIn(head))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  /** QEMU's name of the format of an image that is converted before it is used. */
  static Optional<String> converted(byte[] head) {
    return CONVERTED.entrySet().stream()
        .filter(entry -> entry.getValue().isIn(head))
        .map(Map.Entry::getKey)
        .findFirst();
  }

  /**
   * @param head the first {@value #HEAD_BYTES} bytes, or all there are
   * @param source what to call it in the message
   * @throws VmException image.unsupported for images of other formats,
   *     image.format_detection_failed for what is none at all
   */
  static void refuse(byte[] head, String source) {
    for (Mark mark : MARKS) {
      if (mark.isIn(head)) {
        String help = mark.name().startsWith("compressed") ? DECOMPRESS : "%s";
        throw new VmException(
            ErrorCode.IMAGE_UNSUPPORTED,
            source + " is " + mark.name() + "; vmctl runs qcow2, raw, VMDK, VDI and VHDX images",
            help.formatted(mark.help().formatted(source)));
      }
    }
    String text = new String(head, StandardCharsets.UTF_8).stripLeading();
    String start = text.substring(0, Math.min(text.length(), 16)).toLowerCase(Locale.ROOT);
    if (start.startsWith("<!doctype") || start.startsWith("<html") || start.startsWith("<?xml")) {
      throw new VmException(
          ErrorCode.IMAGE_FORMAT_DETECTION_FAILED,
          source + " is a web page, not a disk image",
          "a login page or an error page was saved in its place; get the image's direct link");
    }
    if (head.length > 0 && isText(head)) {
      throw new VmException(
          ErrorCode.IMAGE_FORMAT_DETECTION_FAILED,
          source + " is text, not a disk image",
          "check that it is the file you meant");
    }
  }

  /** No boot sector, partition table or file system starts with a whole sector of plain text. */
  private static boolean isText(byte[] head) {
    for (byte each : head) {
      boolean printable = each >= 0x20 && each < 0x7f;
      if (!printable && each != '\n' && each != '\r' && each != '\t') {
        return false;
      }
    }
    return true;
  }
}
