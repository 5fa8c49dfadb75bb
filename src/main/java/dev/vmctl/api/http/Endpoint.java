package dev.vmctl.api.http;

import java.io.IOException;
import java.net.Socket;
import java.nio.file.Path;
import java.util.Map;

/** Where a daemon is asked; its text is for people. */
interface Endpoint {
  /** A connection, through its handshake. */
  Socket connect() throws IOException;

  /** What every request has. */
  Map<String, String> headers();

  /** What to do when nobody is there. */
  String help();

  /** A socket of this host. */
  record Unix(Path path) implements Endpoint {
    @Override
    public Socket connect() throws IOException {
      return UnixSocket.connect(path);
    }

    @Override
    public Map<String, String> headers() {
      return Map.of("Host", "localhost");
    }

    @Override
    public String help() {
      return "look whether 'vmctl daemon' still runs and read its log";
    }

    @Override
    public String toString() {
      return path.toString();
    }
  }
}
