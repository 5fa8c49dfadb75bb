package dev.vmctl.daemon;

import dev.vmctl.api.AdoptRequest;
import dev.vmctl.api.AdoptView;
import dev.vmctl.api.ApplyRequest;
import dev.vmctl.api.ApplyResult;
import dev.vmctl.api.Changes;
import dev.vmctl.api.EventPage;
import dev.vmctl.api.EventQuery;
import dev.vmctl.api.PlanView;
import dev.vmctl.api.ServerInfo;
import dev.vmctl.api.Vmctl;
import dev.vmctl.api.http.HttpApi;
import dev.vmctl.model.VmEvent;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.PUT;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.MediaType;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Objects;
import org.jboss.resteasy.reactive.RestQuery;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** What is asked of all VMs together. */
@Path("/v1")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
class EngineResource {
  private final Vmctl vmctl;

  EngineResource(Vmctl vmctl) {
    this.vmctl = vmctl;
  }

  /** The OpenAPI document of all this. */
  @GET
  @Path("openapi.json")
  public String openApi() throws IOException {
    try (InputStream document = EngineResource.class.getResourceAsStream("openapi.json")) {
      return new String(Objects.requireNonNull(document).readAllBytes(), StandardCharsets.UTF_8);
    }
  }

  @GET
  @Path("info")
  public ServerInfo info() {
    return vmctl.info();
  }

  @POST
  @Path("plan")
  @Consumes(MediaType.APPLICATION_JSON)
  public PlanView plan(@Nullable ApplyRequest request) {
    return vmctl.plan(Parameters.body(request));
  }

  @POST
  @Path("apply")
  @Consumes(MediaType.APPLICATION_JSON)
  public ApplyResult apply(@Nullable ApplyRequest request) {
    return vmctl.apply(Parameters.body(request));
  }

  @POST
  @Path("import")
  @Consumes(MediaType.APPLICATION_JSON)
  public HttpApi.Named importVm(HttpApi.@Nullable Import request) {
    HttpApi.Import given = Parameters.body(request);
    return new HttpApi.Named(vmctl.importVm(given.file(), given.name()));
  }

  @POST
  @Path("adopt")
  @Consumes(MediaType.APPLICATION_JSON)
  public List<AdoptView> adopt(@Nullable AdoptRequest request) {
    return vmctl.adopt(Parameters.body(request));
  }

  @PUT
  @Path("cordon")
  public RestResponse<Void> cordon(@RestQuery @Nullable String reason) {
    vmctl.cordon(Objects.requireNonNullElse(reason, ""));
    return RestResponse.noContent();
  }

  @DELETE
  @Path("cordon")
  public RestResponse<Void> uncordon() {
    vmctl.uncordon();
    return RestResponse.noContent();
  }

  @GET
  @Path("changes")
  public Changes changes(
      @RestQuery @Nullable String names,
      @RestQuery @Nullable String since,
      @RestQuery @Nullable String waitSeconds) {
    return vmctl.changes(
        Parameters.names(names),
        Parameters.number("since", since),
        Parameters.waitSeconds(waitSeconds));
  }

  @GET
  @Path("events")
  public RestResponse<List<VmEvent>> events(
      @RestQuery @Nullable String vm,
      @RestQuery @Nullable String since,
      @RestQuery @Nullable String after,
      @RestQuery @Nullable String waitSeconds) {
    EventPage page =
        after == null
            ? vmctl.events(
                new EventQuery(Parameters.optionalName(vm), Parameters.instant("since", since)))
            : vmctl.eventsAfter(
                Parameters.number("after", after), Parameters.waitSeconds(waitSeconds));
    return RestResponse.ResponseBuilder.ok(page.events())
        .header(HttpApi.NEXT_OFFSET_HEADER, page.next())
        .build();
  }
}
