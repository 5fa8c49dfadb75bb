package dev.vmctl.cli;

import dev.vmctl.api.ConsoleAccess;
import dev.vmctl.console.SerialConsole;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.ByteBuffer;
import java.nio.channels.ByteChannel;
import java.util.Arrays;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;

/** Carries bytes between a person and a serial console, both ways at once. */
final class ConsoleBridge implements AutoCloseable {
  /** Ctrl+]. */
  private static final byte DETACH = 0x1d;

  private static final int BUFFER = 8 * 1024;

  private final ByteChannel channel;

  private ConsoleBridge(ByteChannel channel) {
    this.channel = channel;
  }

  static ConsoleBridge connect(ConsoleAccess access) throws IOException {
    return new ConsoleBridge(SerialConsole.open(access));
  }

  /** Types for the person. */
  void type(byte[] text) throws IOException {
    ByteBuffer buffer = ByteBuffer.wrap(text);
    while (buffer.hasRemaining()) {
      channel.write(buffer);
    }
  }

  /** Returns when the person detaches or either end is at its end. */
  void run(InputStream in, OutputStream out) throws IOException {
    CompletableFuture<Void> over = new CompletableFuture<>();
    // A read of the terminal cannot be interrupted, so the threads must not keep the process.
    Thread.ofPlatform().daemon().name("console in").start(() -> carry(over, () -> send(in)));
    Thread.ofPlatform().daemon().name("console out").start(() -> carry(over, () -> show(out)));
    try {
      over.join();
    } catch (CompletionException failed) {
      if (failed.getCause() instanceof IOException broken) {
        throw broken;
      }
      throw failed;
    }
  }

  @Override
  public void close() throws IOException {
    channel.close();
  }

  private interface Carrying {
    void run() throws IOException;
  }

  private static void carry(CompletableFuture<Void> over, Carrying carrying) {
    try {
      carrying.run();
      over.complete(null);
    } catch (IOException | RuntimeException failure) {
      over.completeExceptionally(failure);
    }
  }

  private void send(InputStream in) throws IOException {
    byte[] bytes = new byte[BUFFER];
    int count;
    while ((count = in.read(bytes)) >= 0) {
      int end = 0;
      while (end < count && bytes[end] != DETACH) {
        end++;
      }
      type(Arrays.copyOf(bytes, end));
      if (end < count) {
        return;
      }
    }
  }

  private void show(OutputStream out) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(BUFFER);
    while (channel.read(buffer) >= 0) {
      out.write(buffer.array(), 0, buffer.position());
      out.flush();
      buffer.clear();
    }
  }
}
