package dev.vmctl.hypervisor;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.net.InetSocketAddress;
import java.time.Duration;
import java.util.Optional;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.TimeUnit;
import java.util.function.Supplier;

/** Waits until it is known where a guest's SSH server is. */
public final class SshWait {
  private static final Duration LOOK_AGAIN = Duration.ofMillis(250);

  private final VmHandle vm;
  private final Supplier<Optional<InetSocketAddress>> look;
  private final CompletableFuture<InetSocketAddress> found = new CompletableFuture<>();

  private SshWait(VmHandle vm, Supplier<Optional<InetSocketAddress>> look) {
    this.vm = vm;
    this.look = look;
  }

  /** Looks at once, then in a thread of its own. */
  static CompletableFuture<InetSocketAddress> start(
      VmHandle vm, Duration patience, Supplier<Optional<InetSocketAddress>> look) {
    SshWait wait = new SshWait(vm, look);
    return wait.isOver(false) ? wait.found : wait.apart(patience);
  }

  /** The same for a look that may take its time: never in the caller's thread. */
  public static CompletableFuture<InetSocketAddress> startApart(
      VmHandle vm, Duration patience, Supplier<Optional<InetSocketAddress>> look) {
    return new SshWait(vm, look).apart(patience);
  }

  private CompletableFuture<InetSocketAddress> apart(Duration patience) {
    Thread.ofVirtual().name("address-" + vm.name()).start(() -> lookAgain(patience));
    return found;
  }

  private void lookAgain(Duration patience) {
    long end = System.nanoTime() + patience.toNanos();
    try {
      while (!found.isDone() && !isOver(System.nanoTime() - end > 0)) {
        TimeUnit.NANOSECONDS.sleep(LOOK_AGAIN.toNanos());
      }
    } catch (InterruptedException e) {
      found.cancel(false);
    }
  }

  /** Looks once; that it is not known yet is an end only when there is no time left. */
  private boolean isOver(boolean last) {
    try {
      look.get().ifPresentOrElse(found::complete, () -> found.completeExceptionally(noNetwork()));
    } catch (VmException e) {
      if (last || e.code() != ErrorCode.IP_DISCOVERY_TIMEOUT) {
        found.completeExceptionally(e);
      }
    } catch (RuntimeException e) {
      found.completeExceptionally(e);
    }
    return found.isDone();
  }

  private VmException noNetwork() {
    return new VmException(ErrorCode.IP_DISCOVERY_TIMEOUT, vm.name() + " has no network", "");
  }
}
