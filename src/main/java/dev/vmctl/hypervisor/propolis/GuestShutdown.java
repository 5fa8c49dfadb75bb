package dev.vmctl.hypervisor.propolis;

import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.VmException;
import java.net.InetSocketAddress;
import java.time.Duration;

/** Asks a guest to shut down, as propolis-server cannot: it has no ACPI button. */
@FunctionalInterface
public interface GuestShutdown {
  /**
   * Returns when it was asked.
   *
   * @param ssh where its SSH server is
   * @param within how long it may take
   * @throws VmException when it cannot be asked: it has no SSH, or does not answer
   */
  void ask(VmHandle vm, InetSocketAddress ssh, Duration within) throws InterruptedException;
}
