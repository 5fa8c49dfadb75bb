package dev.vmctl.daemon;

import dev.vmctl.api.CloneRequest;
import dev.vmctl.api.CloneView;
import dev.vmctl.api.ConsoleAccess;
import dev.vmctl.api.DiffView;
import dev.vmctl.api.ExportView;
import dev.vmctl.api.HistoryView;
import dev.vmctl.api.LabelChange;
import dev.vmctl.api.LogChunk;
import dev.vmctl.api.ProgramRequest;
import dev.vmctl.api.ProgramView;
import dev.vmctl.api.ReleaseView;
import dev.vmctl.api.RollbackView;
import dev.vmctl.api.SnapshotRequest;
import dev.vmctl.api.SnapshotsView;
import dev.vmctl.api.SshAccess;
import dev.vmctl.api.VmStatus;
import dev.vmctl.api.VmSummary;
import dev.vmctl.api.Vmctl;
import dev.vmctl.api.http.HttpApi;
import dev.vmctl.model.VmName;
import io.smallrye.common.annotation.RunOnVirtualThread;
import jakarta.ws.rs.Consumes;
import jakarta.ws.rs.DELETE;
import jakarta.ws.rs.GET;
import jakarta.ws.rs.POST;
import jakarta.ws.rs.Path;
import jakarta.ws.rs.Produces;
import jakarta.ws.rs.core.HttpHeaders;
import jakarta.ws.rs.core.MediaType;
import java.time.Instant;
import java.util.List;
import java.util.Objects;
import java.util.function.Consumer;
import java.util.function.Function;
import org.jboss.resteasy.reactive.RestPath;
import org.jboss.resteasy.reactive.RestQuery;
import org.jboss.resteasy.reactive.RestResponse;
import org.jspecify.annotations.Nullable;

/** What is asked of one VM. A command is answered with 202: its intent is kept, the loop works. */
@Path("/v1/vms")
@Produces(MediaType.APPLICATION_JSON)
@RunOnVirtualThread
class VmResource {
  private final Vmctl vmctl;
  private final Versions versions;
  private final HttpHeaders headers;

  VmResource(Vmctl vmctl, Versions versions, HttpHeaders headers) {
    this.vmctl = vmctl;
    this.versions = versions;
    this.headers = headers; // Of the request that is being answered.
  }

  private <T> T ifStill(String name, Function<VmName, T> action) {
    VmName vm = new VmName(name);
    String seen = headers.getHeaderString(HttpHeaders.IF_MATCH);
    return versions.ifStill(seen, vm, () -> action.apply(vm));
  }

  private RestResponse<Void> command(String name, Consumer<VmName> action) {
    return ifStill(
        name,
        vm -> {
          action.accept(vm);
          return RestResponse.accepted();
        });
  }

  @GET
  public List<VmSummary> list() {
    return vmctl.list();
  }

  @GET
  @Path("{name}")
  public RestResponse<VmStatus> status(@RestPath String name) {
    String version = versions.tag(new VmName(name)); // First: rather too old than too new.
    return RestResponse.ResponseBuilder.ok(vmctl.status(new VmName(name)))
        .header(HttpHeaders.ETAG, version)
        .build();
  }

  @POST
  @Path("{name}/start")
  public RestResponse<Void> start(@RestPath String name) {
    return command(name, vm -> vmctl.start(vm));
  }

  @POST
  @Path("{name}/stop")
  public RestResponse<Void> stop(@RestPath String name, @RestQuery @Nullable String graceSeconds) {
    return command(name, vm -> vmctl.stop(vm, Parameters.graceSeconds(graceSeconds)));
  }

  @POST
  @Path("{name}/drain")
  public RestResponse<Void> drain(@RestPath String name, @RestQuery @Nullable String graceSeconds) {
    return command(name, vm -> vmctl.drain(vm, Parameters.graceSeconds(graceSeconds)));
  }

  @POST
  @Path("{name}/suspend")
  public RestResponse<Void> suspend(@RestPath String name) {
    return command(name, vm -> vmctl.suspend(vm));
  }

  @POST
  @Path("{name}/suspend-to-disk")
  public RestResponse<Void> suspendToDisk(
      @RestPath String name, @RestQuery @Nullable String untilBoot) {
    return command(name, vm -> vmctl.suspendToDisk(vm, Parameters.flag("untilBoot", untilBoot)));
  }

  @POST
  @Path("{name}/discard-memory")
  public RestResponse<Void> discardMemory(@RestPath String name) {
    return command(name, vm -> vmctl.discardMemory(vm));
  }

  @GET
  @Path("{name}/snapshots")
  public SnapshotsView snapshots(@RestPath String name) {
    return vmctl.snapshots(new VmName(name));
  }

  @POST
  @Path("{name}/snapshots")
  @Consumes(MediaType.APPLICATION_JSON)
  public RestResponse<Void> takeSnapshot(@RestPath String name, @Nullable SnapshotRequest request) {
    return command(name, vm -> vmctl.takeSnapshot(vm, Parameters.body(request)));
  }

  @POST
  @Path("{name}/snapshots/restore")
  @Consumes(MediaType.APPLICATION_JSON)
  public RestResponse<Void> restoreSnapshot(
      @RestPath String name, @Nullable SnapshotRequest request) {
    return command(name, vm -> vmctl.restoreSnapshot(vm, Parameters.body(request)));
  }

  @DELETE
  @Path("{name}/snapshots/{snapshot}")
  public RestResponse<Void> deleteSnapshot(@RestPath String name, @RestPath String snapshot) {
    return command(name, vm -> vmctl.deleteSnapshot(vm, snapshot));
  }

  @POST
  @Path("{name}/clone")
  @Consumes(MediaType.APPLICATION_JSON)
  public CloneView clone(@RestPath String name, @Nullable CloneRequest request) {
    return vmctl.cloneVm(new VmName(name), Parameters.body(request));
  }

  @POST
  @Path("{name}/resume")
  public RestResponse<Void> resume(@RestPath String name) {
    return command(name, vm -> vmctl.resume(vm));
  }

  @POST
  @Path("{name}/apply")
  public RestResponse<Void> approve(@RestPath String name) {
    return command(name, vm -> vmctl.approve(vm));
  }

  @GET
  @Path("{name}/history")
  public HistoryView history(@RestPath String name) {
    return vmctl.history(new VmName(name));
  }

  @GET
  @Path("{name}/diff")
  public DiffView diff(@RestPath String name, @RestQuery @Nullable String from) {
    return vmctl.diff(new VmName(name), Parameters.generation("from", from));
  }

  @POST
  @Path("{name}/rollback")
  public RollbackView rollback(@RestPath String name, @RestQuery @Nullable String to) {
    return ifStill(name, vm -> vmctl.rollback(vm, Parameters.generation("to", to)));
  }

  @POST
  @Path("{name}/reload")
  public RestResponse<Void> reload(@RestPath String name, @RestQuery @Nullable String provision) {
    return command(name, vm -> vmctl.reload(vm, Parameters.flag("provision", provision)));
  }

  @POST
  @Path("{name}/provision")
  public RestResponse<Void> provision(@RestPath String name) {
    return command(name, vm -> vmctl.provision(vm));
  }

  @DELETE
  @Path("{name}")
  public RestResponse<Void> destroy(@RestPath String name, @RestQuery @Nullable String purge) {
    return command(name, vm -> vmctl.destroy(vm, Parameters.flag("purge", purge)));
  }

  @POST
  @Path("{name}/export")
  @Consumes(MediaType.APPLICATION_JSON)
  public ExportView export(@RestPath String name, HttpApi.@Nullable Export request) {
    return vmctl.exportVm(new VmName(name), Parameters.body(request).file());
  }

  @POST
  @Path("{name}/rename")
  public RestResponse<Void> rename(@RestPath String name, @RestQuery @Nullable String to) {
    return command(name, vm -> vmctl.rename(vm, Parameters.name("to", to)));
  }

  @POST
  @Path("{name}/release")
  public ReleaseView release(@RestPath String name) {
    return vmctl.release(new VmName(name));
  }

  @GET
  @Path("{name}/log/{kind}")
  @Produces(MediaType.APPLICATION_OCTET_STREAM)
  public RestResponse<byte[]> log(
      @RestPath String name,
      @RestPath String kind,
      @RestQuery @Nullable String offset,
      @RestQuery @Nullable String waitSeconds) {
    LogChunk chunk =
        vmctl.log(
            new VmName(name),
            Parameters.logKind(kind),
            Parameters.number("offset", offset),
            Parameters.waitSeconds(waitSeconds));
    return RestResponse.ResponseBuilder.ok(chunk.data())
        .header(HttpApi.NEXT_OFFSET_HEADER, chunk.next())
        .build();
  }

  @GET
  @Path("{name}/log/{kind}/offset")
  public HttpApi.Offset logOffset(
      @RestPath String name, @RestPath String kind, @RestQuery @Nullable String since) {
    Instant moment = Objects.requireNonNullElse(Parameters.instant("since", since), Instant.EPOCH);
    return new HttpApi.Offset(vmctl.logOffset(new VmName(name), Parameters.logKind(kind), moment));
  }

  @POST
  @Path("{name}/programs")
  @Consumes(MediaType.APPLICATION_JSON)
  public HttpApi.Started startProgram(@RestPath String name, @Nullable ProgramRequest request) {
    return new HttpApi.Started(vmctl.startProgram(new VmName(name), Parameters.body(request)));
  }

  @GET
  @Path("{name}/programs/{id}")
  public ProgramView program(
      @RestPath String name, @RestPath String id, @RestQuery @Nullable String waitSeconds) {
    return vmctl.program(
        new VmName(name), Parameters.number("id", id), Parameters.waitSeconds(waitSeconds));
  }

  @GET
  @Path("{name}/screenshot")
  @Produces("image/png")
  public byte[] screenshot(@RestPath String name) {
    return vmctl.screenshot(new VmName(name));
  }

  @POST
  @Path("{name}/labels")
  @Consumes(MediaType.APPLICATION_JSON)
  public RestResponse<Void> label(@RestPath String name, @Nullable LabelChange change) {
    return command(name, vm -> vmctl.label(vm, Parameters.body(change)));
  }

  @GET
  @Path("{name}/ssh")
  public SshAccess ssh(@RestPath String name) {
    return vmctl.ssh(new VmName(name));
  }

  @GET
  @Path("{name}/console")
  public ConsoleAccess console(@RestPath String name) {
    return vmctl.console(new VmName(name));
  }
}
