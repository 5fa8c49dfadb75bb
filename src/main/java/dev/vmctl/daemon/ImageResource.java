package dev.vmctl.daemon;

import dev.vmctl.api.ImageRemoval;
import dev.vmctl.api.ImageRequest;
import dev.vmctl.api.ImageTask;
import dev.vmctl.api.ImageView;
import dev.vmctl.api.Vmctl;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.util.List;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jspecify.annotations.Nullable;

/** The image cache. What takes long is begun, and then asked for. */
@Path("/v1/images")
@Produces(MediaType.APPLICATION_JSON)
@Consumes(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
class ImageResource {
  private final Vmctl vmctl;

  ImageResource(Vmctl vmctl) {
    this.vmctl = vmctl;
  }

  @GET
  @Consumes(MediaType.WILDCARD)
  public List<ImageView> images() {
    return vmctl.images();
  }

  @POST
  @Path("pull")
  public ImageTask pull(ImageRequest.@Nullable Pull request) {
    return vmctl.begin(Parameters.body(request));
  }

  @POST
  @Path("verify")
  public ImageTask verify(ImageRequest.@Nullable Verify request) {
    return vmctl.begin(Parameters.body(request));
  }

  @POST
  @Path("push")
  public ImageTask push(ImageRequest.@Nullable Push request) {
    return vmctl.begin(Parameters.body(request));
  }

  @GET
  @Path("tasks/{id}")
  @Consumes(MediaType.WILDCARD)
  public ImageTask task(
      @RestPath String id,
      @RestQuery @Nullable String since,
      @RestQuery @Nullable String waitSeconds) {
    return vmctl.imageTask(
        id, Parameters.number("since", since), Parameters.waitSeconds(waitSeconds));
  }

  @POST
  @Path("remove")
  public List<ImageView> remove(@Nullable ImageRemoval removal) {
    return vmctl.remove(Parameters.body(removal));
  }
}
