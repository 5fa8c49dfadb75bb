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
 * (zeros included: the digest is that of the content). Each piece is digested while it is written,
 * as the one takes about as long as the other; and what is to be durable goes to the disk while
 * more comes.
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

  /** Adds content; zeros are found best in pieces that begin at multiples of {@link #BLOCK}. */
  void write(byte[] bytes, int count) throws IOException {
    write(bytes, 0, count);
  }

  /** Adds content from an offset of the array on. */
  void write(byte[] bytes, int offset, int count) throws IOException {
    CompletableFuture<Void> digested =
        CompletableFuture.runAsync(() -> digest.update(bytes, offset, count), digesting);
    try {
      putData(bytes, offset, count);
    } finally {
      // The bytes are the caller's again.
      digested.join();
    }
    length += count;
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

  private void putData(byte[] bytes, int offset, int count) throws IOException {
    int dataStart = 0;
    for (int block = 0; block < count; block += BLOCK) {
      int end = Math.min(block + BLOCK, count);
      if (isZero(bytes, offset + block, offset + end)) {
        put(bytes, offset, dataStart, block);
        dataStart = end;
      }
    }
    put(bytes, offset, dataStart, count);
  }

  private void put(byte[] bytes, int offset, int start, int end) throws IOException {
    if (start < end) {
      file.seek(length + start);
      file.write(bytes, offset + start, end - start);
    }
  }

  private static boolean isZero(byte[] bytes, int start, int end) {
    return Arrays.equals(bytes, start, end, ZEROS, 0, end - start);
  }

  /** Adds that many zeros. */
  void skip(long count) {
    for (long left = count; left > 0; left -= BLOCK) {
      digest.update(ZEROS, 0, (int) Math.min(left, BLOCK));
    }
    length += count;
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
    return CacheLayout.text(digest);
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
