package dev.vmctl.daemon;

import dev.vmctl.api.PruneView;
import dev.vmctl.api.SourceRemoval;
import dev.vmctl.api.SourceView;
import dev.vmctl.api.Vmctl;
import dev.vmctl.model.AddedSource;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** What is followed. */
@Path("/v1/sources")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
class SourceResource {
  private final Vmctl vmctl;

  SourceResource(Vmctl vmctl) {
    this.vmctl = vmctl;
  }

  @GET
  public List<SourceView> sources() {
    return vmctl.sources();
  }

  @POST
  @Consumes(MediaType.APPLICATION_JSON)
  public SourceView add(AddedSource source) {
    return vmctl.addSource(Parameters.body(source));
  }

  @DELETE
  @Path("{name}")
  public SourceRemoval remove(@RestPath String name, @RestQuery @Nullable String prune) {
    return vmctl.removeSource(name, Parameters.flag("prune", prune));
  }

  @GET
  @Path("prune")
  public List<PruneView> prunable() {
    return vmctl.prune(false);
  }

  @POST
  @Path("prune")
  public List<PruneView> prune() {
    return vmctl.prune(true);
  }

  @POST
  @Path("{name}/sync")
  public RestResponse<Void> sync(@RestPath String name) {
    vmctl.syncSource(name);
    return RestResponse.accepted();
  }

  @POST
  @Path("{name}/suspend")
  public RestResponse<Void> suspend(@RestPath String name) {
    vmctl.suspendSource(name);
    return RestResponse.accepted();
  }

  @POST
  @Path("{name}/resume")
  public RestResponse<Void> resume(@RestPath String name) {
    vmctl.resumeSource(name);
    return RestResponse.accepted();
  }
}
