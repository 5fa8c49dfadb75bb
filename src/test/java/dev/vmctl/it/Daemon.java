package dev.vmctl.it;

import java.io.IOException;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Path;
import java.util.function.Predicate;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/** A daemon that watches a directory, in a process of its own. */
final class Daemon {
  private final Installation.Running running;
  private final URI address;
  private final HttpClient http = HttpClient.newHttpClient();

  private Daemon(Installation.Running running, URI address) {
    this.running = running;
    this.address = address;
  }

  /** Starts one and waits until it has looked at its directory and every VM it knew. */
  static Daemon start(Installation installation, Path watched) throws IOException {
    return start(installation, watched, Daemon::isReady);
  }

  /** Starts one and waits until it answers, though it may have to wait for others to act. */
  static Daemon serving(Installation installation, Path watched) throws IOException {
    return start(installation, watched, Daemon::isServing);
  }

  private static Daemon start(Installation installation, Path watched, Predicate<Daemon> state)
      throws IOException {
    int port = freePort();
    Daemon daemon =
        new Daemon(
            installation.start(
                "daemon",
                "--watch",
                watched.toString(),
                "--resync",
                "1s",
                "--listen",
                "127.0.0.1:" + port),
            URI.create("http://127.0.0.1:" + port));
    Installation.await(
        "a ready daemon",
        () -> {
          if (!daemon.running.process().isAlive()) {
            throw new AssertionError("the daemon ended: " + daemon.running.end());
          }
          return state.test(daemon);
        },
        ready -> ready);
    return daemon;
  }

  long pid() {
    return running.process().pid();
  }

  /** Ends it as a crash would. */
  void kill() {
    Installation.kill(pid());
  }

  /** How often VMs have been looked at so far. */
  long reconciles() throws Exception {
    Matcher counters =
        Pattern.compile("^vmctl_reconcile_total\\{.*} ([0-9.E]+)$", Pattern.MULTILINE)
            .matcher(get("/metrics").body());
    long sum = 0;
    while (counters.find()) {
      sum += (long) Double.parseDouble(counters.group(1));
    }
    return sum;
  }

  boolean isReady() {
    return answers("/health/ready");
  }

  private boolean isServing() {
    return answers("/health/live");
  }

  private boolean answers(String path) {
    try {
      return get(path).statusCode() == 200;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return false;
    } catch (IOException notYet) {
      return false;
    }
  }

  private HttpResponse<String> get(String path) throws IOException, InterruptedException {
    return http.send(
        HttpRequest.newBuilder(address.resolve(path)).build(),
        HttpResponse.BodyHandlers.ofString());
  }

  private static int freePort() throws IOException {
    try (ServerSocket socket = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      return socket.getLocalPort();
    }
  }
}
