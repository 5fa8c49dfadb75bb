package dev.vmctl.image;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.net.URI;
import java.net.URLConnection;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Map;
import land.oras.utils.Const;
import org.awaitility.Awaitility;
import org.bouncycastle.crypto.generators.OpenBSDBCrypt;
import org.jspecify.annotations.Nullable;

/** Debian's docker-registry, on a port and in a directory of its own. */
final class RealRegistry implements AutoCloseable {
  private final Process process;
  final int port;

  /**
   * @param login user and password it demands; null when it lets everybody in
   */
  RealRegistry(Path directory, Map.@Nullable Entry<String, String> login) throws IOException {
    Files.createDirectories(directory);
    port = freePort();
    String config =
        """
        version: 0.1
        log: { level: error }
        storage: { filesystem: { rootdirectory: '%s' } }
        http: { addr: '127.0.0.1:%d' }
        """
            .formatted(directory.resolve("storage"), port);
    if (login != null) {
      String hash = OpenBSDBCrypt.generate("2y", login.getValue().toCharArray(), new byte[16], 4);
      Path users =
          Files.writeString(directory.resolve("users"), login.getKey() + ":" + hash + "\n");
      config += "auth: { htpasswd: { realm: test, path: '%s' } }%n".formatted(users);
    }
    Path file = Files.writeString(directory.resolve("config.yml"), config);
    process =
        new ProcessBuilder("docker-registry", "serve", file.toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("log").toFile())
            .start();
    Awaitility.await().atMost(Duration.ofSeconds(60)).until(this::listens);
  }

  private boolean listens() {
    try (Socket socket = new Socket(InetAddress.getLoopbackAddress(), port)) {
      return socket.isConnected();
    } catch (IOException e) {
      if (!process.isAlive()) {
        throw new IllegalStateException("docker-registry ended", e);
      }
      return false;
    }
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0)) {
      return socket.getLocalPort();
    }
  }

  String url(String name) {
    return "oci://127.0.0.1:" + port + "/" + name;
  }

  /** What a tag stands for, as the registry itself says. */
  String digest(String repository, String tag) throws IOException {
    URI manifest =
        URI.create("http://127.0.0.1:" + port + "/v2/" + repository + "/manifests/" + tag);
    URLConnection connection = manifest.toURL().openConnection();
    connection.setRequestProperty("Accept", Const.DEFAULT_MANIFEST_MEDIA_TYPE);
    return connection.getHeaderField("Docker-Content-Digest");
  }

  @Override
  public void close() throws InterruptedException {
    process.destroyForcibly().waitFor();
  }
}
