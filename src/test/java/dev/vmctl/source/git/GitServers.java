package dev.vmctl.source.git;

import com.sun.net.httpserver.HttpExchange;
import com.sun.net.httpserver.HttpServer;
import java.io.ByteArrayInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetAddress;
import java.net.InetSocketAddress;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.PublicKey;
import java.util.Arrays;
import java.util.Base64;
import java.util.Map;
import java.util.Objects;
import java.util.concurrent.Executors;
import org.apache.sshd.common.config.keys.KeyUtils;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.keyprovider.SimpleGeneratorHostKeyProvider;
import org.apache.sshd.server.shell.ProcessShellFactory;

/** Serves bare repositories as forges do: the real git behind a real SSH or HTTP server. */
final class GitServers {
  private static final String LOOPBACK = "127.0.0.1";

  private GitServers() {}

  /** A MINA SSH server that lets one key in, and runs what it is asked to. */
  static SshServer ssh(Path hostKey, PublicKey client) throws IOException {
    SshServer server = SshServer.setUpDefaultServer();
    server.setHost(LOOPBACK);
    server.setKeyPairProvider(new SimpleGeneratorHostKeyProvider(hostKey));
    server.setPublickeyAuthenticator((user, key, session) -> KeyUtils.compareKeys(key, client));
    server.setCommandFactory(
        (channel, command) ->
            new ProcessShellFactory(command, "/bin/sh", "-c", command).createShell(channel));
    server.start();
    return server;
  }

  /** {@code git http-backend} for the repositories below a directory, for whoever has the token. */
  static HttpServer http(Path root, String token) throws IOException {
    HttpServer server =
        HttpServer.create(new InetSocketAddress(InetAddress.getByName(LOOPBACK), 0), 0);
    server.setExecutor(Executors.newVirtualThreadPerTaskExecutor());
    String wanted =
        "Basic "
            + Base64.getEncoder().encodeToString(("git:" + token).getBytes(StandardCharsets.UTF_8));
    server.createContext(
        "/",
        exchange -> {
          try (exchange) {
            if (wanted.equals(exchange.getRequestHeaders().getFirst("Authorization"))) {
              backend(exchange, root);
            } else {
              exchange.getResponseHeaders().add("WWW-Authenticate", "Basic realm=\"git\"");
              exchange.sendResponseHeaders(401, -1);
            }
          }
        });
    server.start();
    return server;
  }

  private static void backend(HttpExchange exchange, Path root) throws IOException {
    ProcessBuilder builder = new ProcessBuilder("git", "http-backend");
    Map<String, String> environment = builder.environment();
    environment.put("GIT_PROJECT_ROOT", root.toString());
    environment.put("GIT_HTTP_EXPORT_ALL", "1");
    environment.put("GIT_CONFIG_GLOBAL", "/dev/null");
    environment.put("REQUEST_METHOD", exchange.getRequestMethod());
    environment.put("PATH_INFO", exchange.getRequestURI().getPath());
    environment.put(
        "QUERY_STRING", Objects.requireNonNullElse(exchange.getRequestURI().getQuery(), ""));
    environment.put("CONTENT_TYPE", header(exchange, "Content-Type"));
    environment.put("HTTP_CONTENT_ENCODING", header(exchange, "Content-Encoding"));
    environment.put("GIT_PROTOCOL", header(exchange, "Git-Protocol"));
    environment.put("REMOTE_USER", "git");
    byte[] request = exchange.getRequestBody().readAllBytes();
    environment.put("CONTENT_LENGTH", Integer.toString(request.length));
    Process process = builder.start();
    process.getOutputStream().write(request);
    process.getOutputStream().close();
    byte[] all = process.getInputStream().readAllBytes();
    int end = new String(all, StandardCharsets.ISO_8859_1).indexOf("\r\n\r\n");
    int status = 200;
    String headers = new String(all, 0, end, StandardCharsets.ISO_8859_1);
    for (String line : headers.split("\r\n")) {
      String[] parts = line.split(": ", 2);
      if (parts[0].equals("Status")) {
        status = Integer.parseInt(parts[1].substring(0, 3));
      } else {
        exchange.getResponseHeaders().add(parts[0], parts[1]);
      }
    }
    byte[] body = Arrays.copyOfRange(all, end + 4, all.length);
    exchange.sendResponseHeaders(status, body.length == 0 ? -1 : body.length);
    try (InputStream in = new ByteArrayInputStream(body)) {
      in.transferTo(exchange.getResponseBody());
    }
  }

  private static String header(HttpExchange exchange, String name) {
    return Objects.requireNonNullElse(exchange.getRequestHeaders().getFirst(name), "");
  }
}
