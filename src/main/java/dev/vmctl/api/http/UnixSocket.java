package dev.vmctl.api.http;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.Socket;
import java.net.SocketTimeoutException;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.AsynchronousCloseException;
import java.nio.channels.ClosedSelectorException;
import java.nio.channels.SelectionKey;
import java.nio.channels.Selector;
import java.nio.channels.SocketChannel;
import java.nio.file.Path;
import java.util.concurrent.TimeUnit;

/**
 * A unix stream socket in the clothes of {@link Socket}, which is what the HTTP library binds to.
 * Reads end with {@link SocketTimeoutException} after {@link #setSoTimeout}.
 */
final class UnixSocket extends Socket {
  private final SocketChannel channel;
  private final Selector selector;
  private int timeoutMillis;

  private UnixSocket(SocketChannel channel, Selector selector) {
    this.channel = channel;
    this.selector = selector;
  }

  static UnixSocket connect(Path path) throws IOException {
    return of(SocketChannel.open(UnixDomainSocketAddress.of(path)));
  }

  /** Takes over a connected channel: it is closed when this fails. */
  static UnixSocket of(SocketChannel channel) throws IOException {
    try {
      channel.configureBlocking(false);
      Selector selector = Selector.open();
      channel.register(selector, SelectionKey.OP_READ);
      return new UnixSocket(channel, selector);
    } catch (IOException | RuntimeException failure) {
      channel.close();
      throw failure;
    }
  }

  @Override
  public InputStream getInputStream() {
    return new Input();
  }

  @Override
  public OutputStream getOutputStream() {
    return new Output();
  }

  @Override
  public void setSoTimeout(int millis) {
    timeoutMillis = millis;
  }

  @Override
  public int getSoTimeout() {
    return timeoutMillis;
  }

  @Override
  public boolean isConnected() {
    return true;
  }

  @Override
  public boolean isClosed() {
    return !channel.isOpen();
  }

  @Override
  public void setTcpNoDelay(boolean on) {
    // A unix socket delays nothing.
  }

  @Override
  public void close() throws IOException {
    try (selector) {
      channel.close();
    }
  }

  private final class Input extends InputStream {
    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
      int count = channel.read(buffer);
      long deadline = System.nanoTime() + TimeUnit.MILLISECONDS.toNanos(timeoutMillis);
      while (count == 0 && length > 0) {
        awaitReadable(deadline);
        count = channel.read(buffer);
      }
      return count;
    }

    private void awaitReadable(long deadline) throws IOException {
      try {
        selector.selectedKeys().clear();
        if (timeoutMillis == 0) {
          selector.select();
          return;
        }
        // Rounded up: a wait of 0 would be one without end.
        long left = TimeUnit.NANOSECONDS.toMillis(deadline - System.nanoTime()) + 1;
        if (left <= 0 || selector.select(left) == 0) {
          throw new SocketTimeoutException("no answer within " + timeoutMillis + " ms");
        }
      } catch (ClosedSelectorException closed) {
        throw new AsynchronousCloseException(); // By another thread.
      }
    }
  }

  private final class Output extends OutputStream {
    @Override
    public void write(int value) throws IOException {
      write(new byte[] {(byte) value}, 0, 1);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      ByteBuffer buffer = ByteBuffer.wrap(bytes, offset, length);
      while (buffer.hasRemaining()) {
        if (channel.write(buffer) == 0) {
          awaitWritable();
        }
      }
    }

    private void awaitWritable() throws IOException {
      try (Selector writable = Selector.open()) {
        channel.register(writable, SelectionKey.OP_WRITE);
        if (writable.select(timeoutMillis) == 0) {
          throw new SocketTimeoutException("nothing taken within " + timeoutMillis + " ms");
        }
      }
    }
  }
}
