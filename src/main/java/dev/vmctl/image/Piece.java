package dev.vmctl.image;

import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * A buffer on its way: filled by one thread, then digested by another while a third one writes it,
 * without being copied. Who takes it, or hands it on, is a user of it; when the last one has
 * released it, it is free to be filled again.
 */
final class Piece {
  /** As large as stays in a processor's cache. */
  static final int SIZE = 1 << 18;

  private final byte[] bytes = new byte[SIZE];
  private final AtomicInteger users = new AtomicInteger();
  private final BlockingQueue<Piece> free;
  private int length;

  private Piece(BlockingQueue<Piece> free) {
    this.free = free;
  }

  /** So many of them, all free; each returns to this queue. */
  static BlockingQueue<Piece> several(int count) {
    BlockingQueue<Piece> free = new ArrayBlockingQueue<>(count);
    for (int i = 0; i < count; i++) {
      free.add(new Piece(free));
    }
    return free;
  }

  /** Its content, from the start to {@link #length}. */
  byte[] bytes() {
    return bytes;
  }

  int length() {
    return length;
  }

  void length(int filled) {
    length = filled;
  }

  /** One more is going to use it. */
  void use() {
    users.incrementAndGet();
  }

  /** One uses it no more. */
  void release() {
    if (users.decrementAndGet() == 0) {
      free.add(this);
    }
  }
}
