package dev.vmctl.console;

import java.io.Closeable;
import java.io.IOException;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.util.Arrays;
import java.util.Set;
import java.util.concurrent.ArrayBlockingQueue;
import java.util.concurrent.BlockingQueue;
import java.util.concurrent.ConcurrentHashMap;

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
      close();
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

  /** Lets the guest go, and everybody who looks at it. */
  void close() {
    quietly(server);
    quietly(guest);
    quietly(lock);
    clients.forEach(client -> client.pieces.offer(Client.END));
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
    private static final byte[] END = new byte[0];

    private final SocketChannel channel;
    private final BlockingQueue<byte[]> pieces = new ArrayBlockingQueue<>(MOST_PIECES);

    Client(SocketChannel channel) {
      this.channel = channel;
    }

    void show() {
      try (channel) {
        for (byte[] piece = pieces.take(); piece.length > 0; piece = pieces.take()) {
          ByteBuffer bytes = ByteBuffer.wrap(piece);
          while (bytes.hasRemaining()) {
            channel.write(bytes);
          }
        }
      } catch (IOException gone) {
        // The other thread sees its end too, and lets it go.
      } catch (InterruptedException stop) {
        Thread.currentThread().interrupt();
      }
    }
  }
}
