package dev.vmctl.daemon;

import dev.vmctl.api.VirtualMachine;
import dev.vmctl.api.VmSummary;
import dev.vmctl.api.Vmctl;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.ArrayList;
import java.util.List;
import org.jboss.resteasy.reactive.RestPath;

/** VMs to read, in the shape of Kubernetes' objects. */
@Path("/v1/virtualmachines")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
class VirtualMachineResource {
  private final Vmctl vmctl;
  private final Versions versions;

  VirtualMachineResource(Vmctl vmctl, Versions versions) {
    this.vmctl = vmctl;
    this.versions = versions;
  }

  @GET
  public VirtualMachine.Several list() {
    List<VirtualMachine> all = new ArrayList<>();
    for (VmSummary each : vmctl.list()) {
      try {
        all.add(get(each.name()));
      } catch (VmException e) {
        // One that has gone since is none of them any more.
        if (e.code() != ErrorCode.VM_NOT_FOUND) {
          throw e;
        }
      }
    }
    return VirtualMachine.Several.of(all);
  }

  @GET
  @Path("{name}")
  public VirtualMachine get(@RestPath String name) {
    VmName vm = new VmName(name);
    String version = versions.tag(vm); // First: rather too old than too new.
    return VirtualMachine.of(vmctl.status(vm), version);
  }
}
