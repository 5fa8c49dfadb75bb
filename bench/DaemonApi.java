import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.ServerSocketChannel;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.concurrent.TimeUnit;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;

/**
 * The daemon as a process, with noop VMs, asked over its unix socket: the list, an event on its way to a watcher, a thousand watchers, and what it takes while nothing
 * happens.
 *
 * <p>Floor of the list: the same bytes, written by a bare socket server in this JVM, read by the same client.
 *
 * <p>Arguments: how many VMs (1,000), for how many seconds it is left idle (60).
 */
public final class DaemonApi {
  private static final int LISTS = 500;
  private static final int EVENTS = 300;
  private static final int WATCHERS = 1_000;

  private final Process process;
  private final Path socket;

  private DaemonApi(Process process, Path socket) {
    this.process = process;
    this.socket = socket;
  }

  public static void main(String[] arguments) throws Exception {
    int vms = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1000;
    int idle = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 60;
    Path scratch = Files.createTempDirectory("vmctl-bench");
    Path watch = Files.createDirectory(scratch.resolve("watch"));
    for (int i = 0; i < vms; i++) {
      Files.writeString(watch.resolve("vm-" + i + ".kdl"), "vm \"vm-" + i + "\" { backend \"noop\"; memory 64 }\n");
    }
    Path root = Path.of(System.getProperty("vmctl.bench.root", "."));
    Process process =
        new ProcessBuilder(
                root.resolve("bin/vmctl").toString(), "daemon", "--data-dir", scratch.resolve("data").toString(),
                "--watch", watch.toString(), "--listen", "none")
            .redirectErrorStream(true)
            .redirectOutput(scratch.resolve("log").toFile())
            .start();
    Runtime.getRuntime().addShutdownHook(new Thread(() -> process.destroyForcibly()));
    DaemonApi daemon = new DaemonApi(process, scratch.resolve("data/vmctl.sock"));
    daemon.awaitRunning(vms);
    System.out.printf("%d VMs, %s; load of the machine %s%n", vms, settled(process), load());
    daemon.idle(idle);
    daemon.lists();
    daemon.events(vms);
    daemon.watchers();
    System.out.printf("afterwards: %s; load of the machine %s%n", settled(process), load());
    process.destroy();
    process.waitFor(20, TimeUnit.SECONDS);
    System.exit(0);
  }

  private void awaitRunning(int vms) throws Exception {
    long began = System.nanoTime();
    while (true) {
      try {
        int ready = count(body(ask(socket, "GET", "/v1/vms")), "\"ready\":true");
        if (ready == vms) {
          return;
        }
      } catch (IOException notYet) {
        if (!process.isAlive()) {
          throw new IllegalStateException("the daemon has ended", notYet);
        }
      }
      if (System.nanoTime() - began > TimeUnit.MINUTES.toNanos(5)) {
        throw new IllegalStateException("they do not get ready");
      }
      Thread.sleep(200);
    }
  }

  private void idle(int seconds) throws Exception {
    Thread.sleep(10_000); // What has just been made is compiled and cleaned up.
    long before = cpuMillis();
    Thread.sleep(seconds * 1000L);
    System.out.printf(
        "idle for %d s: %.2f %% of a core; PSS %d MB%n",
        seconds, (cpuMillis() - before) / (seconds * 10.0), pss() >> 20);
  }

  private void lists() throws Exception {
    byte[] same = ask(socket, "GET", "/v1/vms");
    times("list, warming up", LISTS, () -> ask(socket, "GET", "/v1/vms"));
    double list = times("list of all, " + same.length / 1024 + " KB", LISTS, () -> ask(socket, "GET", "/v1/vms"));
    Path bare = socket.resolveSibling("bare.sock");
    try (ServerSocketChannel server = ServerSocketChannel.open(StandardProtocolFamily.UNIX)) {
      server.bind(UnixDomainSocketAddress.of(bare));
      Thread.ofVirtual().start(() -> serve(server, same));
      double floor = times("floor: the same bytes", LISTS, () -> ask(bare, "GET", "/v1/vms"));
      System.out.printf("list: %.1f x the floor (medians)%n", list / floor);
    }
  }

  private static void serve(ServerSocketChannel server, byte[] bytes) {
    while (server.isOpen()) {
      try (SocketChannel client = server.accept()) {
        client.read(ByteBuffer.allocate(4096));
        ByteBuffer left = ByteBuffer.wrap(bytes);
        while (left.hasRemaining()) {
          client.write(left);
        }
      } catch (IOException over) {
        return;
      }
    }
  }

  /** From asking for a change (a label, which is written and synced) to its being told. */
  private void events(int vms) throws Exception {
    try (SocketChannel watcher = watch()) {
      readUntil(watcher, "event: synced");
      int[] next = {0};
      times(
          "event to watcher, with the write of what it is about",
          EVENTS,
          () -> {
            int number = next[0]++;
            String mark = "mark-" + number;
            post("/v1/vms/vm-" + number % vms + "/labels", "{\"set\":{\"bench\":\"" + mark + "\"},\"remove\":[]}");
            readUntil(watcher, mark);
          });
    }
  }

  private void watchers() throws Exception {
    long before = pss();
    List<SocketChannel> all = new ArrayList<>();
    for (int i = 0; i < WATCHERS; i++) {
      SocketChannel each = watch();
      readUntil(each, "event: synced");
      all.add(each);
    }
    Thread.sleep(5_000);
    long after = pss();
    System.out.printf(
        "%d watchers that have read all: %+d MB PSS (%d to %d)%n", WATCHERS, (after - before) >> 20, before >> 20, after >> 20);
    int[] next = {EVENTS};
    times(
        "event to the last of " + WATCHERS + " watchers",
        50,
        () -> {
          String mark = "mark-" + next[0]++;
          post("/v1/vms/vm-1/labels", "{\"set\":{\"bench\":\"" + mark + "\"},\"remove\":[]}");
          for (SocketChannel each : all) {
            readUntil(each, mark);
          }
        });
    for (SocketChannel each : all) {
      each.close();
    }
  }

  private interface Step {
    void run() throws Exception;
  }

  private static double times(String what, int runs, Step step) throws Exception {
    List<Double> times = new ArrayList<>();
    for (int i = 0; i < runs; i++) {
      long start = System.nanoTime();
      step.run();
      times.add((System.nanoTime() - start) / 1e6);
    }
    Collections.sort(times);
    double median = times.get(runs / 2);
    System.out.printf("%s: median %.2f ms, p99 %.2f ms (%d runs)%n", what, median, times.get(runs * 99 / 100), runs);
    return median;
  }

  private SocketChannel watch() throws IOException {
    SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket));
    write(channel, "GET /v1/watch HTTP/1.1\r\nHost: localhost\r\n\r\n");
    return channel;
  }

  private void post(String path, String json) throws IOException {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      write(
          channel,
          "POST " + path + " HTTP/1.1\r\nHost: localhost\r\nContent-Type: application/json\r\nConnection: close\r\nContent-Length: "
              + json.length() + "\r\n\r\n" + json);
      String answer = new String(readAll(channel), StandardCharsets.UTF_8);
      if (!answer.startsWith("HTTP/1.1 202")) {
        throw new IllegalStateException(answer);
      }
    }
  }

  private static byte[] ask(Path socket, String method, String path) throws IOException {
    try (SocketChannel channel = SocketChannel.open(UnixDomainSocketAddress.of(socket))) {
      write(channel, method + " " + path + " HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n\r\n");
      return readAll(channel);
    }
  }

  private static void write(SocketChannel channel, String text) throws IOException {
    ByteBuffer left = ByteBuffer.wrap(text.getBytes(StandardCharsets.US_ASCII));
    while (left.hasRemaining()) {
      channel.write(left);
    }
  }

  private static byte[] readAll(SocketChannel channel) throws IOException {
    ByteBuffer buffer = ByteBuffer.allocate(4 << 20);
    while (channel.read(buffer) >= 0) {
      // Until its end.
    }
    return Arrays.copyOf(buffer.array(), buffer.position());
  }

  private static void readUntil(SocketChannel channel, String mark) throws IOException {
    byte[] end = mark.getBytes(StandardCharsets.US_ASCII);
    ByteBuffer buffer = ByteBuffer.allocate(64 << 10);
    while (true) {
      int kept = buffer.position();
      if (channel.read(buffer) < 0) {
        throw new IOException("the watch has ended");
      }
      if (contains(buffer.array(), Math.max(0, kept - end.length), buffer.position(), end)) {
        return;
      }
      if (buffer.remaining() == 0) {
        int keep = Math.min(end.length, buffer.position());
        byte[] last = Arrays.copyOfRange(buffer.array(), buffer.position() - keep, buffer.position());
        buffer.clear().put(last);
      }
    }
  }

  private static boolean contains(byte[] all, int from, int to, byte[] wanted) {
    for (int i = from; i + wanted.length <= to; i++) {
      if (Arrays.equals(all, i, i + wanted.length, wanted, 0, wanted.length)) {
        return true;
      }
    }
    return false;
  }

  private static String body(byte[] answer) {
    return new String(answer, StandardCharsets.UTF_8).replaceAll("\r\n[0-9a-f]+\r\n", "");
  }

  private static int count(String text, String word) {
    return (text.length() - text.replace(word, "").length()) / word.length();
  }

  private static String settled(Process process) throws IOException {
    return "PSS " + (pss(process.pid()) >> 20) + " MB";
  }

  private long pss() throws IOException {
    return pss(process.pid());
  }

  private static long pss(long pid) throws IOException {
    try (Stream<String> lines = Files.lines(Path.of("/proc/" + pid + "/smaps_rollup"))) {
      String line = lines.filter(each -> each.startsWith("Pss:")).findFirst().orElseThrow();
      Matcher number = Pattern.compile("\\d+").matcher(line);
      return number.find() ? Long.parseLong(number.group()) << 10 : 0;
    }
  }

  private long cpuMillis() throws IOException {
    String stat = Files.readString(Path.of("/proc/" + process.pid() + "/stat"));
    String[] fields = stat.substring(stat.lastIndexOf(')') + 2).split(" ");
    return (Long.parseLong(fields[11]) + Long.parseLong(fields[12])) * 10;
  }

  private static String load() throws IOException {
    return Files.readString(Path.of("/proc/loadavg")).split(" ")[0];
  }
}
