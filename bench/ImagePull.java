import dev.vmctl.disk.Disks;
import dev.vmctl.disk.OverlayDisks;
import dev.vmctl.host.LinuxHostLocks;
import dev.vmctl.host.LinuxHostProcesses;
import dev.vmctl.image.CachedImage;
import dev.vmctl.image.DownloadLimits;
import dev.vmctl.image.ImageCache;
import dev.vmctl.image.ImageHost;
import dev.vmctl.image.ImageSource;
import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.io.OutputStream;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.net.Socket;
import java.nio.channels.FileChannel;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardOpenOption;
import java.time.Clock;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Random;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * How fast an image comes from a loopback server into the cache (verified, synced), beside {@code curl} to a file, and {@code curl | zstd -d}; how
 * much the process grows; how often four at once download; an overlay made in-process beside {@code qemu-img create}.
 */
public final class ImagePull {
  private static final AtomicInteger requests = new AtomicInteger();

  public static void main(String[] arguments) throws Exception {
    int megabytes = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 500;
    int runs = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 5;
    Path scratch = Files.createTempDirectory(Path.of(System.getProperty("user.dir")), "bench");
    try (ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor()) {
      Path raw = content(scratch.resolve("disk.raw"), megabytes);
      run("zstd", "-q", "-3", raw.toString(), "-o", scratch.resolve("disk.raw.zst").toString());
      ServerSocket server = new ServerSocket(0, 16, InetAddress.getLoopbackAddress());
      Thread.ofPlatform().daemon().start(() -> serve(server, scratch));
      String url = "http://127.0.0.1:" + server.getLocalPort() + "/disk.raw";
      compare("plain", runs, scratch, threads, url, List.of("curl", "-sf", "-o", scratch + "/out", url));
      compare(
          "zstd", runs, scratch, threads, url + ".zst",
          List.of("bash", "-c", "curl -sf " + url + ".zst | zstd -q -d -f -o " + scratch + "/out"));
      together(scratch, threads, url);
      overlays(scratch, threads, url);
    } finally {
      run("rm", "-rf", scratch.toString());
    }
    System.exit(0);
  }

  private static Path content(Path file, int megabytes) throws IOException {
    byte[] piece = new byte[1 << 20];
    Random random = new Random(1);
    try (OutputStream out = Files.newOutputStream(file)) {
      for (int i = 0; i < megabytes; i++) {
        // As compressible as a system's disk: half noise, half repeated.
        random.nextBytes(piece);
        for (int at = 0; at < piece.length; at += 64) {
          Arrays.fill(piece, at, at + 32, (byte) (at >> 6));
        }
        out.write(piece);
      }
    }
    return file;
  }

  private static void compare(
      String name, int runs, Path scratch, ExecutorService threads, String url, List<String> floor)
      throws Exception {
    List<Double> ours = new ArrayList<>();
    List<Double> theirs = new ArrayList<>();
    List<Long> growth = new ArrayList<>();
    for (int i = 0; i < runs; i++) {
      long began = System.nanoTime();
      run(floor.toArray(String[]::new));
      run("sync", scratch + "/out");
      theirs.add((System.nanoTime() - began) / 1e9);
      Files.delete(scratch.resolve("out"));
      Path images = scratch.resolve("images");
      ImageCache cache = cache(images, threads);
      System.gc();
      long before = resident();
      long[] peak = {0};
      began = System.nanoTime();
      cache
          .ensure(new ImageSource.Url(url), p -> peak[0] = Math.max(peak[0], resident()))
          .get();
      ours.add((System.nanoTime() - began) / 1e9);
      growth.add(peak[0] - before);
      run("rm", "-rf", images.toString());
    }
    System.out.printf(
        "%s: ours %.2f s, floor (%s, synced) %.2f s: %.2f of its rate; resident growth %d MB at most%n",
        name, median(ours), floor.getFirst(), median(theirs), median(theirs) / median(ours), Collections.max(growth) >> 20);
  }

  private static void together(Path scratch, ExecutorService threads, String url) throws Exception {
    requests.set(0);
    List<CompletableFuture<CachedImage>> callers = new ArrayList<>();
    for (int i = 0; i < 4; i++) {
      callers.add(cache(scratch.resolve("four"), threads).ensure(new ImageSource.Url(url), p -> {}));
    }
    for (CompletableFuture<CachedImage> caller : callers) {
      caller.get();
    }
    System.out.printf("four at once: %d download(s)%n", requests.get());
  }

  private static void overlays(Path scratch, ExecutorService threads, String url) throws Exception {
    CachedImage image = cache(scratch.resolve("four"), threads).ensure(new ImageSource.Url(url), p -> {}).get();
    OverlayDisks disks = new OverlayDisks(scratch.resolve("data"), new LinuxHostProcesses(), Clock.systemUTC());
    Disks.BaseImage base = new Disks.BaseImage(image.path(), "raw", image.virtualSizeBytes());
    List<Double> ours = new ArrayList<>();
    List<Double> theirs = new ArrayList<>();
    for (int i = 0; i < 60; i++) {
      long began = System.nanoTime();
      disks.createOverlay(scratch.resolve("a" + i), base, null);
      ours.add((System.nanoTime() - began) / 1e6);
      began = System.nanoTime();
      run("qemu-img", "create", "-q", "-f", "qcow2", "-F", "raw", "-b", image.path().toString(), scratch + "/b" + i);
      try (FileChannel file = FileChannel.open(scratch.resolve("b" + i), StandardOpenOption.WRITE)) {
        file.force(true);
      }
      theirs.add((System.nanoTime() - began) / 1e6);
    }
    System.out.printf(
        "overlay: ours %.2f ms, qemu-img create %.2f ms (both synced): %.2f of its time%n",
        median(ours), median(theirs), median(ours) / median(theirs));
  }

  private static ImageCache cache(Path where, ExecutorService threads) {
    LinuxHostProcesses processes = new LinuxHostProcesses();
    return new ImageCache(
        where,
        new ImageHost(new LinuxHostLocks(processes), processes, "bench", Path.of("/nonexistent"), Map.of(), bytes -> {}),
        threads,
        Clock.systemUTC(),
        DownloadLimits.DEFAULT);
  }

  private static void serve(ServerSocket server, Path root) {
    while (true) {
      try {
        Socket peer = server.accept();
        Thread.ofPlatform().daemon().start(() -> answer(peer, root));
      } catch (IOException e) {
        return;
      }
    }
  }

  private static void answer(Socket peer, Path root) {
    try (peer) {
      BufferedReader in = new BufferedReader(new InputStreamReader(peer.getInputStream()));
      String path = in.readLine().split(" ")[1];
      while (!in.readLine().isEmpty()) {
        // To the end of the head.
      }
      requests.incrementAndGet();
      try (FileChannel file = FileChannel.open(root.resolve(path.substring(1)))) {
        OutputStream out = peer.getOutputStream();
        out.write(("HTTP/1.1 200 OK\r\nETag: \"1\"\r\nContent-Length: " + file.size() + "\r\n\r\n").getBytes());
        java.io.InputStream body = java.nio.channels.Channels.newInputStream(file);
        byte[] buffer = new byte[1 << 18];
        for (int count = body.read(buffer); count > 0; count = body.read(buffer)) {
          out.write(buffer, 0, count);
        }
        out.flush();
      }
    } catch (IOException e) {
      System.err.println(e);
    }
  }

  private static long resident() {
    try {
      return Files.readAllLines(Path.of("/proc/self/status")).stream()
              .filter(line -> line.startsWith("VmRSS"))
              .mapToLong(line -> Long.parseLong(line.replaceAll("[^0-9]", "")))
              .findFirst()
              .orElse(0)
          << 10;
    } catch (IOException e) {
      return 0;
    }
  }

  private static double median(List<Double> values) {
    return values.stream().sorted().skip(values.size() / 2).findFirst().orElse(0.0);
  }

  private static void run(String... command) throws Exception {
    if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
      throw new IllegalStateException(String.join(" ", command));
    }
  }
}
