package dev.vmctl.guest;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.util.List;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;

/** Stands before a server and, when told, swallows every byte without closing anything. */
final class SilencingProxy implements AutoCloseable {
  private final ServerSocket listener = new ServerSocket(0, 50, InetAddress.getLoopbackAddress());
  private final List<Socket> sockets = new CopyOnWriteArrayList<>();
  private final int to;
  private volatile boolean silent;

  SilencingProxy(int to, ExecutorService threads) throws IOException {
    this.to = to;
    threads.execute(() -> accept(threads));
  }

  int port() {
    return listener.getLocalPort();
  }

  void silence() {
    silent = true;
  }

  private void accept(ExecutorService threads) {
    try {
      while (true) {
        Socket client = listener.accept();
        Socket server = new Socket(InetAddress.getLoopbackAddress(), to);
        sockets.add(client);
        sockets.add(server);
        threads.execute(() -> pump(client, server));
        threads.execute(() -> pump(server, client));
      }
    } catch (IOException e) {
      // closed: the test is over
    }
  }

  private void pump(Socket from, Socket to) {
    byte[] chunk = new byte[8192];
    try {
      InputStream in = from.getInputStream();
      OutputStream out = to.getOutputStream();
      for (int length = in.read(chunk); length >= 0; length = in.read(chunk)) {
        if (!silent) {
          out.write(chunk, 0, length);
        }
      }
    } catch (IOException e) {
      // closed: the test is over
    }
  }

  @Override
  public void close() throws IOException {
    listener.close();
    for (Socket socket : sockets) {
      socket.close();
    }
  }
}
