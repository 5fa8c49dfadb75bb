package dev.vmctl.image;

import dev.vmctl.host.AtomicFiles;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * The bytes of a download as they came over the network, kept in a file and digested: what a later
 * attempt goes on from, and of an image that is not compressed the image itself.
 */
final class WireFile implements AutoCloseable {
  private final Path path;
  private final SparseWriter file;
  private final ImportTask task;
  private final long totalBytes;

  /**
   * @param kept how much of the file an earlier attempt left that is of use
   */
  WireFile(Path path, long kept, long totalBytes, ImportTask task) {
    this.path = path;
    this.task = task;
    this.totalBytes = totalBytes;
    try {
      this.file = new SparseWriter(path, kept);
      file.durable(false);
    } catch (IOException e) {
      throw AtomicFiles.failure("write", path, e);
    }
  }

  /** What was kept, then what comes, which is added to the file as it is read. */
  Arriving through(ReadAhead network) {
    return new Arriving(network);
  }

  /** The bytes of a download in their order. */
  final class Arriving extends InputStream {
    private final ReadAhead network;
    private @Nullable Piece piece;
    private int position;
    private boolean ended;

    private Arriving(ReadAhead network) {
      this.network = network;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      int replayed = replay(target, offset, length);
      if (replayed > 0 || length == 0) {
        return replayed;
      }
      Piece from = piece != null && position < piece.length() ? piece : advance();
      if (from == null) {
        return -1;
      }
      int count = Math.min(length, from.length() - position);
      System.arraycopy(from.bytes(), position, target, offset, count);
      position += count;
      return count;
    }

    /** Goes to the end, for who only wants it in the file. */
    void drain() throws IOException {
      byte[] buffer = new byte[Piece.SIZE];
      while (replay(buffer, 0, buffer.length) > 0) {
        // Reading it digests it.
      }
      while (advance() != null) {
        // It is in the file.
      }
    }

    private @Nullable Piece advance() throws IOException {
      if (piece != null) {
        piece.release();
      }
      piece = ended ? null : network.next();
      position = 0;
      if (piece == null) {
        ended = true;
      } else {
        append(piece);
      }
      task.report("downloading", file.length(), totalBytes);
      return piece;
    }

    @Override
    public void close() {
      network.close();
    }
  }

  /** What comes is the image itself, and is to be made durable. */
  void isImage() {
    file.durable(true);
  }

  private int replay(byte[] target, int offset, int length) {
    try {
      int count = file.replay(target, offset, length);
      if (count > 0) {
        task.report("downloading", file.length(), totalBytes);
      }
      return count;
    } catch (IOException e) {
      throw AtomicFiles.failure("read", path, e);
    }
  }

  private void append(Piece piece) {
    try {
      file.write(piece);
    } catch (IOException e) {
      throw AtomicFiles.failure("write", path, e);
    }
  }

  /** Gives the file its length, for a later attempt; not durable. */
  void keep() {
    try {
      file.flush();
    } catch (IOException e) {
      throw AtomicFiles.failure("write", path, e);
    }
  }

  /** Makes it durable; its digest. */
  String finish() {
    try {
      return file.finish();
    } catch (IOException e) {
      throw AtomicFiles.failure("write", path, e);
    }
  }

  /** Its digest; not durable. */
  String digest() {
    return file.digest();
  }

  long length() {
    return file.length();
  }

  @Override
  public void close() {
    try {
      file.close();
    } catch (IOException e) {
      throw AtomicFiles.failure("write", path, e);
    }
  }
}
