package dev.vmctl.image;

import dev.vmctl.host.AtomicFiles;
import dev.vmctl.host.FileClones;
import dev.vmctl.host.FileExtents;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.FileInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.security.DigestInputStream;
import java.security.MessageDigest;
import java.time.Clock;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.BlockingQueue;

/**
 * Copies a local file into the cache: where the file system can, as a clone that shares its blocks;
 * else in one pass that copies, keeps the holes and digests.
 */
final class LocalCopy {
  private static final int ATTEMPTS = 3;
  private static final int BUFFER = 1 << 20;
  private static final int PIECES = 4;

  /**
   * File times advance in ticks of the kernel, at most this long: a file changed again within the
   * tick of its last change would look the same.
   */
  private static final Duration TICK = Duration.ofMillis(20);

  /**
   * @param identity which file it was, all the while
   * @param digest of the image
   * @param published digest of the file; another one where it is compressed
   */
  record Copied(FileIdentity identity, String digest, String published) {}

  private record Digests(String digest, String published) {}

  private final Clock clock;

  LocalCopy(Clock clock) {
    this.clock = clock;
  }

  /**
   * Copies it to {@code part}, durably.
   *
   * @throws VmException IO when it was changed each time while it was copied
   */
  Copied copy(Path file, Path part, ImportTask task) throws InterruptedException {
    for (int attempt = 0; attempt < ATTEMPTS; attempt++) {
      FileIdentity before = settled(file);
      Decompression way = ImageProbe.require(before.path(), file.toString());
      Optional<Digests> digests =
          way == Decompression.NONE
              ? copyOnce(before, part, task).map(digest -> new Digests(digest, digest))
              : Optional.of(unpack(before, way, part, task));
      if (digests.isPresent() && before.equals(identity(file))) {
        return new Copied(before, digests.get().digest(), digests.get().published());
      }
    }
    throw new VmException(
        ErrorCode.IO,
        "the image " + file + " kept changing while it was copied",
        "wait until whatever writes it has finished; stop a VM that runs on it directly");
  }

  /** Its identity, at a time from which on any change gives it another one. */
  private FileIdentity settled(Path file) throws InterruptedException {
    FileIdentity identity = identity(file);
    Duration age = Duration.between(identity.changed(), clock.instant());
    if (age.abs().compareTo(TICK) < 0) {
      Thread.sleep(TICK);
      return identity(file);
    }
    return identity;
  }

  private static FileIdentity identity(Path file) {
    try {
      return FileIdentity.of(file);
    } catch (FileIdentity.NotRegularException e) {
      throw new VmException(
          ErrorCode.IMAGE_INVALID,
          "the image " + file + " is not a regular file",
          "name the image file itself, not a directory or a device",
          e);
    } catch (IOException e) {
      throw ImageProbe.failure(file.toString(), e);
    }
  }

  private static Digests unpack(
      FileIdentity source, Decompression way, Path part, ImportTask task) {
    MessageDigest published = CacheLayout.sha256();
    try (InputStream file = new DigestInputStream(Files.newInputStream(source.path()), published)) {
      byte[] head = file.readNBytes(ForeignFormats.HEAD_BYTES);
      task.report("decompressing", 0, -1);
      String digest = Unpacking.unpack(way, head, file, part, source.path().toString(), task);
      return new Digests(digest, CacheLayout.text(published));
    } catch (IOException e) {
      task.checkWaitedFor();
      throw AtomicFiles.failure("read the image", source.path(), e);
    }
  }

  /** Empty when the file was cut off meanwhile. */
  private static Optional<String> copyOnce(FileIdentity source, Path part, ImportTask task)
      throws InterruptedException {
    try {
      Files.deleteIfExists(part);
      if (FileClones.tryClone(source.path(), part)) {
        return Optional.of(digestOf(part, source.size(), task));
      }
      requireSpace(source, part);
      return copySparsely(source, part, task);
    } catch (IOException e) {
      throw AtomicFiles.failure("copy the image " + source.path() + " to", part, e);
    }
  }

  /** Filling the disk to the brim first would starve the VMs that run. */
  private static void requireSpace(FileIdentity source, Path part) throws IOException {
    long needed = FileExtents.dataBytes(source.path());
    long free = Files.getFileStore(part).getUsableSpace();
    if (needed > free) {
      throw DiskSpace.missing(source.path().toString(), needed, free, part);
    }
  }

  private static String digestOf(Path part, long size, ImportTask task) throws IOException {
    String digest = digestOf(part, (done, total) -> task.report("verifying", done, size));
    try (FileChannel channel = FileChannel.open(part, StandardOpenOption.READ)) {
      channel.force(true);
    }
    return digest;
  }

  /** Told how much has been read, of how much. */
  @FunctionalInterface
  interface Reading {
    void at(long doneBytes, long totalBytes);
  }

  /** The digest of a file's content. */
  static String digestOf(Path file, Reading reading) throws IOException {
    MessageDigest digest = CacheLayout.sha256();
    byte[] buffer = new byte[BUFFER];
    long total = Files.size(file);
    long done = 0;
    try (FileInputStream in = new FileInputStream(file.toFile())) {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        digest.update(buffer, 0, count);
        done += count;
        reading.at(done, total);
      }
    }
    return CacheLayout.text(digest);
  }

  private static Optional<String> copySparsely(FileIdentity source, Path part, ImportTask task)
      throws IOException, InterruptedException {
    BlockingQueue<Piece> pieces = Piece.several(PIECES);
    try (FileInputStream in = new FileInputStream(source.path().toFile());
        FileExtents extents = FileExtents.open(source.path());
        SparseWriter out = new SparseWriter(part)) {
      while (out.length() < source.size()) {
        Optional<FileExtents.Extent> data = extents.next(out.length());
        long start =
            Math.min(data.map(FileExtents.Extent::start).orElse(source.size()), source.size());
        skip(out, start, source.size(), task);
        long end = Math.min(data.map(FileExtents.Extent::end).orElse(start), source.size());
        in.getChannel().position(start);
        while (out.length() < end) {
          Piece piece = pieces.take();
          piece.use();
          piece.length(
              in.readNBytes(piece.bytes(), 0, (int) Math.min(Piece.SIZE, end - out.length())));
          if (piece.length() == 0) {
            return Optional.empty();
          }
          out.write(piece);
          piece.release();
          task.report("copying", out.length(), source.size());
        }
      }
      return Optional.of(out.finish());
    }
  }

  private static void skip(SparseWriter out, long to, long size, ImportTask task) {
    while (out.length() < to) {
      out.skip(Math.min(to - out.length(), 64L * BUFFER));
      task.report("copying", out.length(), size);
    }
  }
}
