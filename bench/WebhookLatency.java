import dev.vmctl.api.VmSummary;
import dev.vmctl.api.http.DaemonClient;
import java.io.IOException;
import java.net.URI;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Collections;
import java.util.HexFormat;
import java.util.List;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;

/**
 * How long after a webhook's delivery a pushed VM runs, with a small repository over file: a real daemon, a real {@code git push}, noop VMs. Once when
 * nothing happened for a while, and once in the moment after the branch was looked at, when the follower pauses.
 *
 * <p>Floor of the same run: {@code git fetch} of such a commit, by git itself.
 */
public final class WebhookLatency {
  private static final String SECRET = "secret";
  private static Path scratch;

  public static void main(String[] arguments) throws Exception {
    int runs = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 30;
    scratch = Files.createTempDirectory("vmctl-bench");
    git("init", "-q", "--bare", "-b", "main", scratch.resolve("fleet.git").toString());
    git("init", "-q", "-b", "main", scratch.resolve("work").toString());
    push("first");
    Files.writeString(scratch.resolve("secret"), SECRET);
    Files.writeString(
        scratch.resolve("vmctl.kdl"),
        """
        listen "127.0.0.1:0"
        git "fleet" { url "file://%s"; branch "main"; interval "1h"; webhook-secret-file "secret" }
        """
            .formatted(scratch.resolve("fleet.git")));
    Path log = scratch.resolve("daemon.log");
    Process daemon =
        new ProcessBuilder(
                ProcessHandle.current().info().command().orElseThrow(),
                "-XX:+UseSerialGC",
                "--enable-native-access=ALL-UNNAMED",
                "-jar",
                application().resolve("quarkus-run.jar").toString(),
                "--data-dir=" + scratch.resolve("data"),
                "--config=" + scratch.resolve("vmctl.kdl"),
                "--log=text")
            .redirectErrorStream(true)
            .redirectOutput(log.toFile())
            .start();
    try (DaemonClient client = new DaemonClient(scratch.resolve("data/vmctl.sock"))) {
      int port = port(log);
      while (!isRunning(client, "first")) {
        Thread.sleep(10);
      }
      report("after quiet", latencies(client, port, runs, 1500));
      report("after a look", latencies(client, port, runs, 0));
      report("floor: git fetch of such a commit", fetches(runs));
    } finally {
      daemon.destroy();
      daemon.waitFor();
    }
    System.exit(0);
  }

  private static List<Double> latencies(DaemonClient client, int port, int runs, long quiet)
      throws Exception {
    List<Double> all = new ArrayList<>();
    for (int i = 0; i < runs; i++) {
      String name = "vm-" + quiet + "-" + i;
      String commit = push(name);
      Thread.sleep(quiet); // Without: the branch was looked at a moment ago, for the run before.
      long begin = System.nanoTime();
      deliver(port, commit);
      while (!isRunning(client, name)) {
        Thread.sleep(1);
      }
      all.add((System.nanoTime() - begin) / 1e6);
    }
    return all;
  }

  private static List<Double> fetches(int runs) throws Exception {
    git("clone", "-q", "--bare", "file://" + scratch.resolve("fleet.git"), scratch.resolve("copy").toString());
    List<Double> all = new ArrayList<>();
    for (int i = 0; i < runs; i++) {
      push("floor-" + i);
      long begin = System.nanoTime();
      git("-C", scratch.resolve("copy").toString(), "fetch", "-q", "--depth=1", "origin", "main");
      all.add((System.nanoTime() - begin) / 1e6);
    }
    return all;
  }

  private static void report(String what, List<Double> all) {
    Collections.sort(all);
    System.out.printf(
        "%s: median %.0f ms, p95 %.0f ms, most %.0f ms (%d runs)%n",
        what, all.get(all.size() / 2), all.get((int) (all.size() * 0.95)), all.getLast(), all.size());
  }

  private static boolean isRunning(DaemonClient client, String name) {
    for (VmSummary each : client.list()) {
      if (each.name().equals(name) && each.state().equals("running")) {
        return true;
      }
    }
    return false;
  }

  /** The build whose classes these are. */
  private static Path application() {
    String jar = Pattern.compile("[^:]*/quarkus-app/app/[^:]*").matcher(System.getProperty("java.class.path")).results().findFirst().orElseThrow().group();
    return Path.of(jar).resolve("../..").normalize();
  }

  private static int port(Path log) throws Exception {
    Pattern said = Pattern.compile("metrics and health on 127\\.0\\.0\\.1:(\\d+)");
    while (true) {
      Matcher found = said.matcher(Files.readString(log));
      if (found.find()) {
        return Integer.parseInt(found.group(1));
      }
      Thread.sleep(20);
    }
  }

  private static void deliver(int port, String after) throws Exception {
    byte[] body = ("{\"after\": \"" + after + "\"}").getBytes();
    Mac mac = Mac.getInstance("HmacSHA256");
    mac.init(new SecretKeySpec(SECRET.getBytes(), "HmacSHA256"));
    HttpRequest request =
        HttpRequest.newBuilder(URI.create("http://127.0.0.1:" + port + "/hooks/git"))
            .header("X-Hub-Signature-256", "sha256=" + HexFormat.of().formatHex(mac.doFinal(body)))
            .POST(HttpRequest.BodyPublishers.ofByteArray(body))
            .build();
    int status = HTTP.send(request, HttpResponse.BodyHandlers.discarding()).statusCode();
    if (status != 202) {
      throw new IllegalStateException("the delivery was answered with " + status);
    }
  }

  private static final HttpClient HTTP = HttpClient.newHttpClient();

  /** Pushes one more VM; returns the commit. */
  private static String push(String name) throws Exception {
    Path work = scratch.resolve("work");
    Files.writeString(work.resolve(name + ".kdl"), "vm \"" + name + "\" { backend \"noop\" }\n");
    git("-C", work.toString(), "add", "-A");
    git("-C", work.toString(), "-c", "user.name=Ann", "-c", "user.email=ann@example.org", "commit", "-q", "-m", name);
    git("-C", work.toString(), "push", "-q", scratch.resolve("fleet.git").toString(), "HEAD:main");
    return git("-C", work.toString(), "rev-parse", "HEAD").strip();
  }

  private static String git(String... arguments) throws IOException, InterruptedException {
    List<String> command = new ArrayList<>(List.of("git"));
    command.addAll(List.of(arguments));
    Process process = new ProcessBuilder(command).redirectErrorStream(true).start();
    String said = new String(process.getInputStream().readAllBytes());
    if (process.waitFor() != 0) {
      throw new IllegalStateException(command + ": " + said);
    }
    return said;
  }
}
