package dev.vmctl.image;

import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Arrays;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;

/**
 * Writes a file from its start to its end, leaving out what is zero, and digests it on the way
 * (zeros included: the digest is that of the content). It is digested in a thread of its own, for
 * that takes as long as the writing; and what is to be durable goes to the disk while more comes.
 */
final class SparseWriter implements AutoCloseable {
  /** The grain in which zeros are left out, bytes. */
  static final int BLOCK = 1 << 16;

  private static final byte[] ZEROS = new byte[BLOCK];

  /** How much is written before the disk is asked to take it, bytes. */
  private static final int SYNCED_AT_ONCE = 32 << 20;

  private final RandomAccessFile file;
  private final MessageDigest digest = CacheLayout.sha256();
  private final ExecutorService digesting =
      Executors.newSingleThreadExecutor(
          Thread.ofPlatform().daemon().name("image-digest").factory());
  private final long kept;
  private boolean durable = true;
  private CompletableFuture<Optional<IOException>> syncing =
      CompletableFuture.completedFuture(Optional.empty());
  private long syncedAt;
  private long length;

  /**
   * @param target emptied if it exists
   */
  SparseWriter(Path target) throws IOException {
    this(target, 0);
  }

  /**
   * @param kept bytes at the beginning of the file to go on from: to be read by {@link #replay}
   *     before anything is written
   */
  SparseWriter(Path target, long kept) throws IOException {
    this.kept = kept;
    this.file = new RandomAccessFile(target.toFile(), "rw");
    file.setLength(kept);
  }

  /** Whether it will be made durable. It will, unless told otherwise. */
  void durable(boolean durable) {
    this.durable = durable;
  }

  /** Reads and digests what was kept; 0 when there is no more of it. */
  int replay(byte[] target, int offset, int count) throws IOException {
    if (length >= kept) {
      return 0;
    }
    file.seek(length);
    int read = file.read(target, offset, (int) Math.min(count, kept - length));
    digest.update(target, offset, read);
    length += read;
    return read;
  }

  /** Adds content; the piece is used until it has been digested. */
  void write(Piece piece) throws IOException {
    piece.use();
    digesting.execute(
        () -> {
          digest.update(piece.bytes(), 0, piece.length());
          piece.release();
        });
    putData(piece.bytes(), piece.length());
    length += piece.length();
    if (durable && length - syncedAt >= SYNCED_AT_ONCE && syncing.isDone()) {
      awaitSyncing();
      syncedAt = length;
      syncing = CompletableFuture.supplyAsync(this::sync, Thread.ofPlatform().daemon()::start);
    }
  }

  private Optional<IOException> sync() {
    try {
      file.getFD().sync();
      return Optional.empty();
    } catch (IOException e) {
      return Optional.of(e);
    }
  }

  /** The kernel tells only once of what it could not write. */
  private void awaitSyncing() throws IOException {
    Optional<IOException> failure = syncing.join();
    if (failure.isPresent()) {
      throw failure.get();
    }
  }

  private void putData(byte[] bytes, int count) throws IOException {
    int dataStart = 0;
    int end;
    for (int block = 0; block < count; block = end) {
      // To the end of a block of the file, however its content comes in pieces.
      end = (int) Math.min(block + BLOCK - (length + block) % BLOCK, count);
      if (Arrays.equals(bytes, block, end, ZEROS, 0, end - block)) {
        put(bytes, dataStart, block);
        dataStart = end;
      }
    }
    put(bytes, dataStart, count);
  }

  private void put(byte[] bytes, int start, int end) throws IOException {
    if (start < end) {
      file.seek(length + start);
      file.write(bytes, start, end - start);
    }
  }

  /** Adds that many zeros. */
  void skip(long count) {
    CompletableFuture.runAsync(() -> digestZeros(count), digesting).join();
    length += count;
  }

  private void digestZeros(long count) {
    for (long left = count; left > 0; left -= BLOCK) {
      digest.update(ZEROS, 0, (int) Math.min(left, BLOCK));
    }
  }

  /** Gives the file the length of what was written, also where that ends in zeros. */
  void flush() throws IOException {
    file.setLength(Math.max(length, kept));
  }

  /** Makes the file durable; its digest. */
  String finish() throws IOException {
    file.setLength(length);
    awaitSyncing();
    file.getFD().sync();
    return digest();
  }

  /** The digest of what was written; nothing may be added afterwards. */
  String digest() {
    return CompletableFuture.supplyAsync(() -> CacheLayout.text(digest), digesting).join();
  }

  long length() {
    return length;
  }

  @Override
  public void close() throws IOException {
    digesting.shutdown();
    syncing.join();
    file.close();
  }
}
