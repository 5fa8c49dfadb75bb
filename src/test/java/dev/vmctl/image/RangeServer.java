package dev.vmctl.image;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.atomic.AtomicLong;
import org.jspecify.annotations.Nullable;

/** Serves one file by ranges, and closes the connection wherever it is told to. */
final class RangeServer implements AutoCloseable {
  private final ServerSocket socket;
  private final Thread thread;
  final AtomicLong served = new AtomicLong();
  final List<String> ranges = new CopyOnWriteArrayList<>();
  volatile byte[] content;
  volatile String etag = "\"one\"";

  /** Happens when a connection has been ended. */
  volatile Runnable onBreak = () -> {};

  /** Offsets in the content at which a connection ends, each once. */
  final List<Integer> breaks = new CopyOnWriteArrayList<>();

  RangeServer(byte[] content) throws IOException {
    this.content = content;
    this.socket = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
    this.thread = Thread.ofPlatform().start(this::serve);
  }

  ImageSource.Url url() {
    return new ImageSource.Url("http://127.0.0.1:" + socket.getLocalPort() + "/disk");
  }

  private void serve() {
    while (!socket.isClosed()) {
      try (Socket peer = socket.accept()) {
        answer(peer);
      } catch (IOException e) {
        // It was closed, or the client was.
      }
    }
  }

  private void answer(Socket peer) throws IOException {
    BufferedReader in =
        new BufferedReader(new InputStreamReader(peer.getInputStream(), StandardCharsets.US_ASCII));
    @Nullable String range = null;
    boolean same = true;
    for (String line = in.readLine(); line != null && !line.isEmpty(); line = in.readLine()) {
      if (line.startsWith("Range: bytes=")) {
        range = line.substring("Range: bytes=".length(), line.length() - 1);
      } else if (line.startsWith("If-Range: ")) {
        same = line.equals("If-Range: " + etag);
      }
    }
    ranges.add(String.valueOf(range));
    byte[] all = content;
    int from = range == null || !same ? 0 : Integer.parseInt(range);
    int to = breaks.stream().filter(at -> at > from).findFirst().orElse(all.length);
    breaks.remove(Integer.valueOf(to));
    String head =
        (from == 0 ? "HTTP/1.1 200 OK" : "HTTP/1.1 206 Partial Content")
            + "\r\nETag: "
            + etag
            + "\r\nContent-Length: "
            + (all.length - from)
            + (from == 0
                ? ""
                : "\r\nContent-Range: bytes " + from + "-" + (all.length - 1) + "/" + all.length)
            + "\r\n\r\n";
    OutputStream out = peer.getOutputStream();
    out.write(head.getBytes(StandardCharsets.US_ASCII));
    out.write(all, from, to - from);
    out.flush();
    served.addAndGet(to - from);
    if (to < all.length) {
      onBreak.run();
    }
  }

  @Override
  public void close() throws Exception {
    socket.close();
    thread.join();
  }
}
