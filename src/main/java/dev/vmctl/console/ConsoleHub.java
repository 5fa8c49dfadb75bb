package dev.vmctl.console;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.time.Duration;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;

/**
 * Serves one serial console to many: what the guest writes goes to all, what anybody types goes to
 * the guest. Lives until the last has gone, the process ends, or the guest's side does; its lock
 * says that it does.
 */
final class ConsoleHub {
  private static final int BUFFER = 8 * 1024;

  /** Who reads so much too slowly is let go. */
  private static final int MOST_PIECES = 1024;

  private final SocketChannel guest;
  private final ServerSocketChannel server;
  private final Closeable lock;
  private final Set<Client> clients = ConcurrentHashMap.newKeySet();
  private final CountDownLatch closed = new CountDownLatch(1);
  private volatile boolean handingOver;

  ConsoleHub(SocketChannel guest, ServerSocketChannel server, Closeable lock) {
    this.guest = guest;
    this.server = server;
    this.lock = lock;
  }

  void start() {
    Thread.ofVirtual().name("console clients").start(this::accept);
  }

  private void accept() {
    boolean first = true;
    try {
      while (true) {
        Client client = new Client(server.accept());
        clients.add(client);
        Thread.ofVirtual().start(() -> type(client));
        Thread.ofVirtual().start(client::show);
        if (first) { // Before, nobody would see what the guest writes.
          first = false;
          Thread.ofVirtual().name("console guest").start(this::distribute);
        }
      }
    } catch (IOException over) {
      if (!handingOver) {
        close();
      }
    }
  }

  private void distribute() {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
    try {
      while (guest.read(buffer.clear()) >= 0) {
        byte[] piece = Arrays.copyOf(buffer.array(), buffer.position());
        for (Client client : clients) {
          if (!client.pieces.offer(piece)) {
            end(client);
          }
        }
      }
    } catch (IOException broken) {
      // As its end: nothing more comes.
    }
    close();
  }

  private void type(Client client) {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
    try {
      while (client.channel.read(buffer.clear()) >= 0) {
        buffer.flip();
        synchronized (guest) {
          while (buffer.hasRemaining()) {
            guest.write(buffer);
          }
        }
      }
    } catch (IOException gone) {
      // It has detached.
    }
    end(client);
  }

  private void end(Client client) {
    clients.remove(client);
    client.pieces.clear();
    client.pieces.add(Client.END);
    quietly(client.channel);
    if (clients.isEmpty()) {
      close();
    }
  }

  /**
   * Lets another serve, and the guest go when everybody has gone over to that: what they have typed
   * until then is still on its way through here. The other's line waits behind ours.
   *
   * @param patience so long they may take
   */
  void handOver(Duration patience) throws InterruptedException {
    handingOver = true;
    quietly(server);
    quietly(lock);
    clients.forEach(client -> client.pieces.offer(Client.GO));
    if (!clients.isEmpty()) {
      var _ = closed.await(patience.toNanos(), TimeUnit.NANOSECONDS);
    }
    close();
  }

  /** Lets the guest go, and everybody who looks at it. */
  private void close() {
    quietly(server);
    quietly(guest);
    quietly(lock);
    clients.forEach(client -> client.pieces.offer(Client.END));
    closed.countDown();
  }

  private static void quietly(Closeable part) {
    try {
      part.close();
    } catch (IOException broken) {
      // It is gone either way.
    }
  }

  /** Somebody at a terminal. */
  private static final class Client {
    /** Nothing more comes, and nothing is read any more. */
    private static final byte[] END = new byte[0];

    /** Nothing more comes from here: what is read on is read until the other side has closed. */
    private static final byte[] GO = new byte[0];

    private final SocketChannel channel;
    private final BlockingQueue<byte[]> pieces = new ArrayBlockingQueue<>(MOST_PIECES);

    Client(SocketChannel channel) {
      this.channel = channel;
    }

    void show() {
      try {
        byte[] piece = pieces.take();
        for (; piece.length > 0; piece = pieces.take()) {
          ByteBuffer bytes = ByteBuffer.wrap(piece);
          while (bytes.hasRemaining()) {
            channel.write(bytes);
          }
        }
        if (piece == GO) {
          channel.shutdownOutput();
        } else {
          channel.close();
        }
      } catch (IOException gone) {
        quietly(channel); // The other thread sees its end too, and lets it go.
      } catch (InterruptedException stop) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
