import dev.vmctl.EngineOptions;
import dev.vmctl.VmctlEngine;
import dev.vmctl.controller.Observer;
import dev.vmctl.model.VmEvent;
import dev.vmctl.model.VmName;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.ArrayList;
import java.util.Collections;
import java.util.List;
import java.util.Set;
import java.util.concurrent.ConcurrentHashMap;
import java.util.concurrent.atomic.AtomicInteger;

/**
 * Scale of the loop itself, on the noop backend with the real store: how long N VMs take from cold to converged, and a resync of N unchanged ones.
 *
 * <p>Floors of the same run: writing and syncing one small file N times (what any durable record costs), and reading the status of N files.
 */
public final class NoopScale {
  private static final AtomicInteger reconciles = new AtomicInteger();
  private static final Set<VmName> converged = ConcurrentHashMap.newKeySet();

  public static void main(String[] arguments) throws Exception {
    int vms = arguments.length > 0 ? Integer.parseInt(arguments[0]) : 1000;
    int resyncs = 30;
    Path scratch = Files.createTempDirectory("vmctl-bench");
    Path watch = Files.createDirectory(scratch.resolve("watch"));
    for (int i = 0; i < vms; i++) {
      Files.writeString(
          watch.resolve("vm-" + i + ".kdl"), "vm \"vm-" + i + "\" { backend \"noop\"; memory 64 }\n");
    }
    double floor = syncedFiles(scratch, vms);
    long began = System.nanoTime();
    try (VmctlEngine engine =
        VmctlEngine.open(EngineOptions.daemon(scratch.resolve("data"), List.of(watch), counting()))) {
      while (converged.size() < vms) {
        Thread.sleep(1);
      }
      double cold = seconds(began);
      List<Double> times = new ArrayList<>();
      for (int i = 0; i < resyncs; i++) {
        reconciles.set(0);
        long start = System.nanoTime();
        engine.resync();
        while (reconciles.get() < vms) {
          Thread.onSpinWait();
        }
        times.add(seconds(start) * 1000);
      }
      Collections.sort(times);
      System.out.printf(
          "%d noop VMs cold: %.2f s (%.1f x the floor: the same number of small files written and synced one after another, %.2f s)%n",
          vms, cold, cold / floor, floor);
      System.out.printf(
          "resync of %d unchanged: median %.1f ms, p95 %.1f ms (%d runs)%n",
          vms, times.get(resyncs / 2), times.get((int) (resyncs * 0.95)), resyncs);
    }
    System.exit(0);
  }

  private static double syncedFiles(Path scratch, int count) throws Exception {
    Path directory = Files.createDirectory(scratch.resolve("floor"));
    byte[] content = new byte[2000];
    long start = System.nanoTime();
    for (int i = 0; i < count; i++) {
      dev.vmctl.host.AtomicFiles.write(
          directory.resolve("f" + i), content, dev.vmctl.host.AtomicFiles.Access.OWNER);
    }
    return seconds(start);
  }

  private static double seconds(long since) {
    return (System.nanoTime() - since) / 1e9;
  }

  private static Observer counting() {
    return new Observer() {
      @Override
      public void reconciled(VmName vm, Duration took, Outcome outcome, String reason) {
        reconciles.incrementAndGet();
      }

      @Override
      public void dequeued(VmName vm, Duration waited) {}

      @Override
      public void converged(VmName vm, Duration took) {
        converged.add(vm);
      }

      @Override
      public void event(VmEvent event) {}

      @Override
      public void forgotten(VmName vm) {}
    };
  }
}
