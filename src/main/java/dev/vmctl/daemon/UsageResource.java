package dev.vmctl.daemon;

import dev.vmctl.api.VmSummary;
import dev.vmctl.api.Vmctl;
import dev.vmctl.host.ProcessUse;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.Map;
import java.util.TreeMap;

/**
 * What the processes of VMs have used since they started. Counters, so that nothing is kept here of
 * who asks, or how often.
 */
@Path("/v1/usage")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
class UsageResource {
  private static final java.nio.file.Path PROC = java.nio.file.Path.of("/proc");
  private static final java.nio.file.Path SYS = java.nio.file.Path.of("/sys");
  private static final int MILLIS_PER_TICK = 10;

  private final Vmctl vmctl;

  UsageResource(Vmctl vmctl) {
    this.vmctl = vmctl;
  }

  /**
   * @param cpuMillis processor time
   * @param memoryBytes resident now
   */
  record Usage(long cpuMillis, long memoryBytes, long readBytes, long writtenBytes) {}

  @GET
  public Map<String, Usage> usage() {
    Map<String, Usage> usages = new TreeMap<>();
    for (VmSummary vm : vmctl.list()) {
      Long pid = vm.pid();
      if (pid != null) {
        ProcessUse.of(PROC, SYS, pid)
            .ifPresent(
                use ->
                    usages.put(
                        vm.name(),
                        new Usage(
                            use.cpuTicks() * MILLIS_PER_TICK,
                            use.memoryBytes(),
                            use.readBytes(),
                            use.writtenBytes())));
      }
    }
    return usages;
  }
}
