package dev.vmctl.console;

import dev.vmctl.host.FileChanges;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.nio.channels.FileChannel;
import java.nio.channels.OverlappingFileLockException;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Duration;
import org.jspecify.annotations.Nullable;

/**
 * A serial console that several processes have at once. QEMU serves one connection at a time: the
 * first process holds that and serves the others, as a {@link ConsoleHub}. When it ends another
 * takes its place, and nobody notices.
 */
public final class SharedConsole implements ByteChannel {
  private static final String LOCK = ".lock";

  /** Shorter than what a serial socket's name ends with: the paths of sockets may not grow. */
  private static final String SHARED = ".tty";

  /** So long somebody may have the lock and not serve: it is about to, or about to end. */
  private static final Duration PATIENCE = Duration.ofSeconds(10);

  /** The lock's being free again, as its holder ends, is told by no file. */
  private static final Duration LOOK = Duration.ofMillis(100);

  private static final Duration LAST_BYTES = Duration.ofSeconds(2);

  private final Path serial;
  private volatile SocketChannel channel;
  private volatile @Nullable ConsoleHub ours;
  private volatile boolean closed;

  private SharedConsole(Path serial) throws IOException {
    this.serial = serial;
    this.channel = connect();
  }

  /**
   * @param serial unix socket of the hypervisor
   * @throws IOException when nobody serves it
   */
  public static SharedConsole open(Path serial) throws IOException {
    return new SharedConsole(serial);
  }

  private SocketChannel connect() throws IOException {
    Path shared = sibling(serial, SHARED);
    try (FileChanges changes = FileChanges.in(serial.resolveSibling(""))) {
      long end = System.nanoTime() + PATIENCE.toNanos();
      while (true) {
        FileChannel lock = lock(sibling(serial, LOCK));
        if (lock != null) {
          ours = serve(serial, shared, lock);
        }
        try {
          return SocketChannel.open(UnixDomainSocketAddress.of(shared));
        } catch (IOException notYet) {
          if (System.nanoTime() >= end) {
            throw notYet;
          }
          changes.await(LOOK); // Who has the lock is about to serve, or about to end.
        }
      }
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
      throw new IOException("interrupted", stop);
    }
  }

  private static Path sibling(Path serial, String suffix) {
    String name = serial.getFileName().toString();
    int dot = name.lastIndexOf('.');
    return serial.resolveSibling((dot < 0 ? name : name.substring(0, dot)) + suffix);
  }

  /** The lock's file, to be closed in the end; null when another process has the lock. */
  private static @Nullable FileChannel lock(Path file) throws IOException {
    FileChannel lock = FileChannel.open(file, StandardOpenOption.CREATE, StandardOpenOption.WRITE);

    try {
      if (lock.tryLock() != null) {
        return lock;
      }
    } catch (OverlappingFileLockException ours) {
      // Another console of this process has it.
    }
    lock.close();
    return null;
  }

  private static ConsoleHub serve(Path serial, Path shared, FileChannel lock) throws IOException {
    try {
      SocketChannel guest = SocketChannel.open(UnixDomainSocketAddress.of(serial));
      Files.deleteIfExists(shared);
      ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX);
      server.bind(UnixDomainSocketAddress.of(shared));
      ConsoleHub hub = new ConsoleHub(guest, server, () -> release(serial, lock));
      hub.start();
      return hub;
    } catch (IOException broken) {
      lock.close();
      throw broken;
    }
  }

  private static void release(Path serial, FileChannel lock) throws IOException {
    try (lock) {
      Files.deleteIfExists(sibling(serial, SHARED));
    }
  }

  @Override
  public int read(ByteBuffer bytes) throws IOException {
    SocketChannel served = channel;
    try {
      int count = served.read(bytes);
      return count < 0 && reconnected(served) ? read(bytes) : count;
    } catch (IOException reset) {
      // Who served us has ended before it read what we had typed.
      if (reconnected(served)) {
        return read(bytes);
      }
      throw reset;
    }
  }

  /** Whether the end was only that of the process that served us. */
  private synchronized boolean reconnected(SocketChannel served) {
    if (closed) {
      return false;
    }
    if (channel != served) {
      return true; // Another thread has noticed before.
    }
    try {
      SocketChannel next = connect();
      served.close();
      channel = next;
      return true;
    } catch (IOException over) {
      return false; // The guest's side is at its end.
    }
  }

  @Override
  public int write(ByteBuffer bytes) throws IOException {
    SocketChannel served = channel;
    try {
      return served.write(bytes);
    } catch (IOException broken) {
      if (reconnected(served)) {
        return channel.write(bytes);
      }
      throw broken;
    }
  }

  @Override
  public boolean isOpen() {
    return !closed;
  }

  /** What was typed last may still be on its way through this very process: it is waited for. */
  @Override
  public void close() throws IOException {
    closed = true;
    SocketChannel last = channel;
    try (last) {
      last.shutdownOutput();
      Thread end = Thread.ofPlatform().daemon().start(() -> awaitEnd(last));
      end.join(LAST_BYTES);
    } catch (InterruptedException stop) {
      Thread.currentThread().interrupt();
    }
    ConsoleHub hub = ours;
    if (hub != null) {
      hub.close(); // At once, so that another takes over before more is typed or said.
    }
  }

  private static void awaitEnd(SocketChannel last) {
    ByteBuffer rest = ByteBuffer.allocate(1024);
    try {
      while (last.read(rest.clear()) >= 0) {
        // Nobody looks any more.
      }
    } catch (IOException over) {
      // That is an end, too.
    }
  }
}
