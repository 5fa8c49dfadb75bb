package dev.vmctl.daemon;

import dev.vmctl.api.TrashView;
import dev.vmctl.api.Vmctl;
import dev.vmctl.api.http.HttpApi;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.jboss.resteasy.reactive.RestPath;
import org.jspecify.annotations.Nullable;

/** What has been removed and can still be had back. */
@Path("/v1/trash")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
class TrashResource {
  private final Vmctl vmctl;

  TrashResource(Vmctl vmctl) {
    this.vmctl = vmctl;
  }

  @GET
  public List<TrashView> trash() {
    return vmctl.trash();
  }

  @POST
  @Path("{id}/restore")
  public HttpApi.Named restore(@RestPath String id) {
    return new HttpApi.Named(vmctl.restore(id));
  }

  @POST
  @Path("empty")
  @Consumes(MediaType.APPLICATION_JSON)
  public HttpApi.Emptied empty(HttpApi.@Nullable EmptyTrash request) {
    return new HttpApi.Emptied(vmctl.emptyTrash(Parameters.body(request).ids()));
  }
}
