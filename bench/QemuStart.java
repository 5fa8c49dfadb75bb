import dev.vmctl.EngineOptions;
import dev.vmctl.VmctlEngine;
import dev.vmctl.api.ApplyRequest;
import dev.vmctl.api.ApplyRequest.Provisioning;
import dev.vmctl.controller.Observer;
import dev.vmctl.model.Accel;
import dev.vmctl.model.Declaration;
import dev.vmctl.model.FieldValues;
import dev.vmctl.model.SourceId;
import dev.vmctl.model.VmEvent;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import java.io.IOException;
import java.net.StandardProtocolFamily;
import java.net.UnixDomainSocketAddress;
import java.nio.ByteBuffer;
import java.nio.channels.SocketChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.locks.LockSupport;

/**
 * Starting real QEMUs, as ratios to a floor of the same run: the same argv spawned raw, after the tools a script would use (a seed ISO tool, {@code
 * qemu-img create}). "Running" is QMP answering {@code query-status}.
 */
public final class QemuStart {
  private static final Map<String, Long> started = new ConcurrentHashMap<>();

  public static void main(String[] arguments) throws Exception {
    Path image = Path.of(arguments[0]).toAbsolutePath();
    int runs = arguments.length > 1 ? Integer.parseInt(arguments[1]) : 30;
    Path scratch = Files.createTempDirectory("vmctl-bench");
    Path watch = Files.createDirectory(scratch.resolve("watch"));
    Files.writeString(watch.resolve("keep.kdl"), "vm \"keep\" { backend \"noop\" }\n");
    Files.writeString(watch.resolve("keep2.kdl"), "vm \"keep2\" { backend \"noop\" }\n");
    List<Double> ours = new ArrayList<>();
    List<Double> raw = new ArrayList<>();
    List<Double> spawn = new ArrayList<>();
    List<Double> heal = new ArrayList<>();
    List<Double> fromFile = new ArrayList<>();
    try (VmctlEngine engine =
        VmctlEngine.open(
            EngineOptions.daemon(scratch.resolve("data"), List.of(watch), observer()))) {
      for (int i = -3; i < runs; i++) {
        String name = "bench-" + (i + 3);
        double accepted = timed(name, () -> engine.api().apply(request(declaration(name, image))));
        List<String> argv = argv(engine, name);
        long pid = pid(engine, name);
        double healed = timed(name, () -> kill(pid));
        engine.api().stop(new VmName(name), Duration.ZERO);
        engine.api().destroy(new VmName(name), true);
        awaitGone(engine, name);
        Path raws = Files.createDirectory(scratch.resolve("raw-" + name));
        double tools = raw(argv, scratch.resolve("data"), raws, image, true);
        double alone = raw(argv, scratch.resolve("data"), raws, image, false);
        String dropped = "file-" + (i + 3);
        double file =
            timed(
                dropped,
                () ->
                    Files.writeString(
                        watch.resolve(dropped + ".kdl"),
                        "vm \"" + dropped + "\" { image \"" + image + "\"; accel \"tcg\"; memory 64 }\n"));
        Files.delete(watch.resolve(dropped + ".kdl"));
        Thread.sleep(50);
        engine.api().stop(new VmName(dropped), Duration.ZERO);
        engine.api().destroy(new VmName(dropped), true);
        awaitGone(engine, dropped);
        if (i >= 0) {
          ours.add(accepted);
          raw.add(tools);
          spawn.add(alone);
          heal.add(healed);
          fromFile.add(file);
        }
      }
    }
    fleet(scratch, image, 50);
    line("raw spawn of the same argv to QMP query-status", spawn, null);
    line("seed tool + qemu-img create + raw spawn", raw, null);
    line("daemon accepts a create -> running", ours, raw);
    line("SIGKILL -> successor running", heal, spawn);
    line("new file in the directory -> running", fromFile, raw);
    System.exit(0);
  }

  /** Many at once from cold, against the same tools and argv run two at a time (as many as a machine like this has processors). */
  private static void fleet(Path scratch, Path image, int count) throws Exception {
    Path data = scratch.resolve("fleet");
    List<String> argv = List.of();
    double ours;
    try (VmctlEngine engine = VmctlEngine.open(EngineOptions.daemon(data, List.of(), observer()))) {
      started.clear();
      long begin = System.nanoTime();
      for (int i = 0; i < count; i++) {
        engine.api().apply(request(declaration("fleet-" + i, image)));
      }
      while (started.size() < count) {
        Thread.sleep(1);
      }
      ours = (System.nanoTime() - begin) / 1e6;
      argv = argv(engine, "fleet-0");
      for (int i = 0; i < count; i++) {
        engine.api().stop(new VmName("fleet-" + i), Duration.ZERO);
        engine.api().destroy(new VmName("fleet-" + i), true);
      }
      while (!engine.api().list().isEmpty()) {
        Thread.sleep(5);
      }
    }
    List<String> words = argv;
    List<Process> running = Collections.synchronizedList(new ArrayList<>());
    long begin = System.nanoTime();
    try (var pool = java.util.concurrent.Executors.newFixedThreadPool(2)) {
      for (int i = 0; i < count; i++) {
        Path to = Files.createDirectory(scratch.resolve("raw-fleet-" + i));
        pool.submit(
            () -> {
              running.add(start(words, data, to, image, true));
              return null;
            });
      }
    }
    double raw = (System.nanoTime() - begin) / 1e6;
    for (Process qemu : running) {
      qemu.destroyForcibly().waitFor();
    }
    System.out.printf(
        "%d VMs from cold: %.2f s, raw two at a time %.2f s  %.2f x%n", count, ours / 1000, raw / 1000, ours / raw);
  }

  private interface Act {
    void run() throws Exception;
  }

  private static double timed(String name, Act act) throws Exception {
    started.remove(name);
    long begin = System.nanoTime();
    act.run();
    Long at;
    while ((at = started.get(name)) == null) {
      // Not a spin: of two processors it would take one from the engine and from QEMU. The time is taken by the observer.
      LockSupport.parkNanos(200_000);
    }
    return (at - begin) / 1e6;
  }

  private static void line(String what, List<Double> times, List<Double> floor) {
    List<Double> sorted = new ArrayList<>(times);
    Collections.sort(sorted);
    double median = sorted.get(sorted.size() / 2);
    double p95 = sorted.get((int) (sorted.size() * 0.95));
    String ratio = "";
    if (floor != null) {
      List<Double> base = new ArrayList<>(floor);
      Collections.sort(base);
      ratio = String.format("  %.2f x", median / base.get(base.size() / 2));
    }
    System.out.printf("%-52s median %7.1f ms  p95 %7.1f ms%s%n", what, median, p95, ratio);
  }

  private static Declaration declaration(String name, Path image) {
    FieldValues values = new FieldValues();
    values.put(VmFields.IMAGE, image);
    values.put(VmFields.MEMORY, 64L);
    values.put(VmFields.ACCEL, Accel.TCG);
    return new Declaration(VmSpec.of(new VmName(name), values), Path.of("/bench"), 0, Map.of());
  }

  private static ApplyRequest request(Declaration declaration) {
    return new ApplyRequest(
        SourceId.file(Path.of("/bench/" + declaration.name())),
        List.of(declaration),
        Set.of(),
        false,
        false,
        Provisioning.AS_NEEDED);
  }

  private static long pid(VmctlEngine engine, String name) {
    Long pid = null;
    while (pid == null) {
      pid = engine.api().status(new VmName(name)).summary().pid();
    }
    return pid;
  }

  private static List<String> argv(VmctlEngine engine, String name) throws IOException {
    byte[] line = Files.readAllBytes(Path.of("/proc/" + pid(engine, name) + "/cmdline"));
    return List.of(new String(line, StandardCharsets.UTF_8).split("\0"));
  }

  /** SIGKILL, without the cost of a process that sends it. */
  private static void kill(long pid) {
    ProcessHandle.of(pid).orElseThrow().destroyForcibly();
  }

  private static void awaitGone(VmctlEngine engine, String name) throws InterruptedException {
    while (engine.api().list().stream().anyMatch(vm -> vm.name().equals(name))) {
      Thread.sleep(5);
    }
  }

  private static double raw(List<String> argv, Path data, Path to, Path image, boolean tools)
      throws Exception {
    long begin = System.nanoTime();
    Process qemu = start(argv, data, to, image, tools);
    double took = (System.nanoTime() - begin) / 1e6;
    qemu.destroyForcibly().waitFor();
    return took;
  }

  /** The same argv with its paths moved below {@code to}, after what a script would do before it, if asked. Returns when it answers. */
  private static Process start(List<String> argv, Path data, Path to, Path image, boolean tools)
      throws Exception {
    List<String> moved = new ArrayList<>();
    for (String word : argv) {
      moved.add(
          word.replace(data.toString(), to.toString())
              .replaceAll("hostfwd=tcp:127.0.0.1:\\d+-", "hostfwd=tcp:127.0.0.1:0-")
              .replaceAll("127.0.0.1:\\d+-:22", "127.0.0.1:0-:22"));
    }
    String joined = String.join("\n", moved);
    Path vm = directoryOf(joined, to, "overlay.qcow2");
    Path run = directoryOf(joined, to, ".qmp.sock");
    Files.createDirectories(vm);
    Files.createDirectories(run);
    Path seed = vm.resolve("seed.iso");
    if (tools) {
      Path seedFiles = Files.createDirectories(to.resolve("seed"));
      Files.writeString(seedFiles.resolve("user-data"), "#cloud-config\n{}\n");
      Files.writeString(seedFiles.resolve("meta-data"), "instance-id: x\n");
      run("genisoimage", "-quiet", "-output", seed.toString(), "-volid", "cidata", "-joliet", "-rock", seedFiles.toString());
      run("qemu-img", "create", "-q", "-f", "qcow2", "-b", image.toString(), "-F", "qcow2", vm.resolve("overlay.qcow2").toString());
    }
    Process qemu =
        new ProcessBuilder(moved).redirectErrorStream(true).redirectOutput(to.resolve("log").toFile()).start();
    Path socket = null;
    for (String word : moved) {
      if (word.contains(".qmp.sock")) {
        String rest = word.substring(word.indexOf(run.toString()));
        socket = Path.of(rest.substring(0, rest.indexOf(".qmp.sock") + ".qmp.sock".length()));
      }
    }
    queryStatus(socket, qemu);
    return qemu;
  }

  private static Path directoryOf(String text, Path below, String suffix) {
    int end = text.indexOf(suffix);
    int start = text.lastIndexOf(below.toString(), end);
    return Path.of(text.substring(start, end + suffix.length())).getParent();
  }

  private static void queryStatus(Path socket, Process qemu) throws Exception {
    while (true) {
      try (SocketChannel channel = SocketChannel.open(StandardProtocolFamily.UNIX)) {
        channel.connect(UnixDomainSocketAddress.of(socket));
        ByteBuffer buffer = ByteBuffer.allocate(65536);
        channel.read(buffer);
        channel.write(ByteBuffer.wrap("{\"execute\":\"qmp_capabilities\"}\n".getBytes(StandardCharsets.UTF_8)));
        channel.read(buffer);
        channel.write(ByteBuffer.wrap("{\"execute\":\"query-status\"}\n".getBytes(StandardCharsets.UTF_8)));
        while (!new String(buffer.array(), 0, buffer.position(), StandardCharsets.UTF_8).contains("\"status\"")) {
          channel.read(buffer);
        }
        return;
      } catch (IOException e) {
        if (!qemu.isAlive()) {
          throw new IllegalStateException("the floor's QEMU died", e);
        }
        Thread.sleep(1);
      }
    }
  }

  private static void run(String... command) throws Exception {
    if (new ProcessBuilder(command).inheritIO().start().waitFor() != 0) {
      throw new IllegalStateException(String.join(" ", command));
    }
  }

  private static Observer observer() {
    return new Observer() {
      @Override
      public void reconciled(VmName vm, Duration took, Outcome outcome, String reason) {}

      @Override
      public void dequeued(VmName vm, Duration waited) {}

      @Override
      public void converged(VmName vm, Duration took) {}

      @Override
      public void event(VmEvent event) {
        if (event.reason().equals("Started") || event.reason().equals("Restarted")) {
          started.put(String.valueOf(event.vm()), System.nanoTime());
        }
      }

      @Override
      public void forgotten(VmName vm) {}
    };
  }
}
