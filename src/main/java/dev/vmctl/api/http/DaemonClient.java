package dev.vmctl.api.http;

import com.fasterxml.jackson.core.type.TypeReference;
import dev.vmctl.api.AdoptRequest;
import dev.vmctl.api.AdoptView;
import dev.vmctl.api.ApplyRequest;
import dev.vmctl.api.ApplyResult;
import dev.vmctl.api.Changes;
import dev.vmctl.api.CloneRequest;
import dev.vmctl.api.CloneView;
import dev.vmctl.api.ConsoleAccess;
import dev.vmctl.api.DiffView;
import dev.vmctl.api.EventPage;
import dev.vmctl.api.EventQuery;
import dev.vmctl.api.ExportView;
import dev.vmctl.api.HistoryView;
import dev.vmctl.api.ImageRemoval;
import dev.vmctl.api.ImageRequest;
import dev.vmctl.api.ImageTask;
import dev.vmctl.api.ImageView;
import dev.vmctl.api.LabelChange;
import dev.vmctl.api.LogChunk;
import dev.vmctl.api.LogKind;
import dev.vmctl.api.PlanView;
import dev.vmctl.api.ProgramRequest;
import dev.vmctl.api.ProgramView;
import dev.vmctl.api.PruneView;
import dev.vmctl.api.ReleaseView;
import dev.vmctl.api.RollbackView;
import dev.vmctl.api.ServerInfo;
import dev.vmctl.api.SnapshotRequest;
import dev.vmctl.api.SnapshotsView;
import dev.vmctl.api.SourceRemoval;
import dev.vmctl.api.SourceView;
import dev.vmctl.api.SshAccess;
import dev.vmctl.api.TrashView;
import dev.vmctl.api.VmStatus;
import dev.vmctl.api.VmSummary;
import dev.vmctl.api.Vmctl;
import dev.vmctl.api.Watch;
import dev.vmctl.model.AddedSource;
import dev.vmctl.model.VmName;
import java.io.IOException;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** A daemon, asked over its unix socket or on TCP. Holds nothing open between calls. */
public final class DaemonClient implements Vmctl {
  private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);

  private final DaemonCalls calls;
  private final @Nullable RemoteDaemon remote;

  /** The daemon of this socket. */
  public DaemonClient(Path socket) {
    this(new Endpoint.Unix(socket), null);
  }

  public DaemonClient(RemoteDaemon daemon) {
    this(daemon, daemon);
  }

  private DaemonClient(Endpoint endpoint, @Nullable RemoteDaemon remote) {
    calls = new DaemonCalls(new DaemonHttp(endpoint));
    this.remote = remote;
  }

  /** Whether somebody listens on the socket now. */
  public boolean isAnswered() {
    return calls.isAnswered();
  }

  /** The daemon's version, as its latest answer had it; empty before the first. */
  public Optional<String> serverVersion() {
    return calls.serverVersion();
  }

  @Override
  public ServerInfo info() {
    return calls.get("/v1/info", new TypeReference<>() {});
  }

  @Override
  public List<VmSummary> list() {
    try {
      return SummaryReader.read(calls.call("GET", "/v1/vms", null, Duration.ZERO).body());
    } catch (IOException unreadable) {
      throw DaemonCalls.garbled(unreadable.getMessage(), unreadable);
    }
  }

  @Override
  public VmStatus status(VmName name) {
    return calls.get(vm(name), new TypeReference<>() {});
  }

  @Override
  public PlanView plan(ApplyRequest request) {
    return calls.post("/v1/plan", request, new TypeReference<>() {});
  }

  @Override
  public ApplyResult apply(ApplyRequest request) {
    return calls.post("/v1/apply", request, new TypeReference<>() {});
  }

  @Override
  public void start(VmName name) {
    calls.command("POST", vm(name) + "/start");
  }

  @Override
  public void stop(VmName name, Duration grace) {
    calls.command("POST", vm(name) + "/stop?graceSeconds=" + grace.toSeconds());
  }

  @Override
  public void drain(VmName name, Duration grace) {
    calls.command("POST", vm(name) + "/drain?graceSeconds=" + grace.toSeconds());
  }

  @Override
  public void cordon(String reason) {
    calls.command("PUT", "/v1/cordon?reason=" + encode(reason));
  }

  @Override
  public void uncordon() {
    calls.command("DELETE", "/v1/cordon");
  }

  @Override
  public void suspend(VmName name) {
    calls.command("POST", vm(name) + "/suspend");
  }

  @Override
  public void suspendToDisk(VmName name, boolean untilBoot) {
    calls.command("POST", vm(name) + "/suspend-to-disk?untilBoot=" + untilBoot);
  }

  @Override
  public void discardMemory(VmName name) {
    calls.command("POST", vm(name) + "/discard-memory");
  }

  @Override
  public SnapshotsView snapshots(VmName name) {
    return calls.get(vm(name) + "/snapshots", new TypeReference<>() {});
  }

  @Override
  public void takeSnapshot(VmName name, SnapshotRequest request) {
    calls.send(vm(name) + "/snapshots", request);
  }

  @Override
  public void restoreSnapshot(VmName name, SnapshotRequest request) {
    calls.send(vm(name) + "/snapshots/restore", request);
  }

  @Override
  public void deleteSnapshot(VmName name, String snapshot) {
    calls.command("DELETE", vm(name) + "/snapshots/" + encode(snapshot));
  }

  @Override
  public CloneView cloneVm(VmName name, CloneRequest request) {
    return calls.post(vm(name) + "/clone", request, new TypeReference<>() {});
  }

  @Override
  public void resume(VmName name) {
    calls.command("POST", vm(name) + "/resume");
  }

  @Override
  public void destroy(VmName name, boolean purge) {
    calls.command("DELETE", vm(name) + "?purge=" + purge);
  }

  @Override
  public void approve(VmName name) {
    calls.command("POST", vm(name) + "/apply");
  }

  @Override
  public HistoryView history(VmName name) {
    return calls.get(vm(name) + "/history", new TypeReference<>() {});
  }

  @Override
  public DiffView diff(VmName name, @Nullable Long generation) {
    String from = generation == null ? "" : "?from=" + generation;
    return calls.get(vm(name) + "/diff" + from, new TypeReference<>() {});
  }

  @Override
  public RollbackView rollback(VmName name, @Nullable Long generation) {
    String to = generation == null ? "" : "?to=" + generation;
    return calls.post(vm(name) + "/rollback" + to, null, new TypeReference<>() {});
  }

  @Override
  public void reload(VmName name, boolean provision) {
    calls.command("POST", vm(name) + "/reload?provision=" + provision);
  }

  @Override
  public void provision(VmName name) {
    calls.command("POST", vm(name) + "/provision");
  }

  @Override
  public Changes changes(Set<VmName> names, long since, Duration wait) {
    Duration asked = clamp(wait);
    String list =
        names.stream().sorted().map(VmName::value).collect(Collectors.joining(",", "names=", "&"));
    String path =
        "/v1/changes?"
            + (names.isEmpty() ? "" : list)
            + "since="
            + since
            + "&waitSeconds="
            + wholeSeconds(asked);
    return calls.get(path, asked, new TypeReference<>() {});
  }

  /** A link to the daemon's page, good for one browser and a few minutes. */
  public String dashboard() {
    TypeReference<HttpApi.Link> answer = new TypeReference<>() {};
    return calls.post(HttpApi.DASHBOARD, null, answer).url();
  }

  @Override
  public Watch watch(Set<VmName> names) {
    String list =
        names.stream().sorted().map(VmName::value).collect(Collectors.joining(",", "?names=", ""));
    String path = HttpApi.WATCH + (names.isEmpty() ? "" : list);
    return calls.watch(path);
  }

  @Override
  public EventPage events(EventQuery query) {
    StringBuilder path = new StringBuilder("/v1/events");
    char separator = '?';
    if (query.vm() != null) {
      path.append(separator).append("vm=").append(query.vm());
      separator = '&';
    }
    if (query.since() != null) {
      path.append(separator).append("since=").append(encode(query.since().toString()));
    }
    return events(path.toString(), Duration.ZERO);
  }

  @Override
  public EventPage eventsAfter(long place, Duration wait) {
    Duration asked = clamp(wait);
    return events("/v1/events?after=" + place + "&waitSeconds=" + wholeSeconds(asked), asked);
  }

  private EventPage events(String path, Duration asked) {
    DaemonHttp.Answer answer = calls.call("GET", path, null, asked);
    return new EventPage(calls.decode(answer, new TypeReference<>() {}), next(answer));
  }

  @Override
  public LogChunk log(VmName name, LogKind kind, long offset, Duration wait) {
    Duration asked = clamp(wait);
    String path =
        vm(name)
            + "/log/"
            + kind.text()
            + "?offset="
            + offset
            + "&waitSeconds="
            + wholeSeconds(asked);
    DaemonHttp.Answer answer = calls.call("GET", path, null, asked);
    return new LogChunk(next(answer), answer.body());
  }

  private static long next(DaemonHttp.Answer answer) {
    String next = answer.nextOffset();
    if (next == null) {
      throw DaemonCalls.garbled("no " + HttpApi.NEXT_OFFSET_HEADER, null);
    }
    try {
      return Long.parseLong(next);
    } catch (NumberFormatException notNumber) {
      throw DaemonCalls.garbled(HttpApi.NEXT_OFFSET_HEADER + ": " + next, notNumber);
    }
  }

  @Override
  public long logOffset(VmName name, LogKind kind, Instant since) {
    String path = vm(name) + "/log/" + kind.text() + "/offset?since=" + encode(since.toString());
    TypeReference<HttpApi.Offset> answer = new TypeReference<>() {};
    return calls.get(path, answer).offset();
  }

  @Override
  public long startProgram(VmName name, ProgramRequest request) {
    TypeReference<HttpApi.Started> answer = new TypeReference<>() {};
    return calls.post(vm(name) + "/programs", request, answer).id();
  }

  @Override
  public ProgramView program(VmName name, long id, Duration wait) {
    Duration asked = clamp(wait);
    String path = vm(name) + "/programs/" + id + "?waitSeconds=" + wholeSeconds(asked);
    return calls.get(path, asked, new TypeReference<>() {});
  }

  @Override
  public byte[] screenshot(VmName name) {
    return calls.call("GET", vm(name) + "/screenshot", null, Duration.ZERO).body();
  }

  @Override
  public void label(VmName name, LabelChange change) {
    calls.send(vm(name) + "/labels", change);
  }

  @Override
  public SshAccess ssh(VmName name) {
    return calls.get(vm(name) + "/ssh", new TypeReference<>() {});
  }

  @Override
  public ConsoleAccess console(VmName name) {
    ConsoleAccess there = calls.get(vm(name) + "/console", new TypeReference<>() {});
    if (remote == null) {
      return there;
    }
    // Its paths are of the other host; the daemon carries the bytes, from the end of its log on.
    long end = log(name, LogKind.CONSOLE, -1, Duration.ZERO).next();
    return new ConsoleAccess(
        null,
        there.log(),
        new ConsoleAccess.WebSocketAccess(
            remote.webSocket(vm(name) + "/console/ws?offset=" + end),
            Map.of("Authorization", remote.headers().get("Authorization")),
            remote.authorities()));
  }

  @Override
  public ExportView exportVm(VmName name, Path archive) {
    return calls.transfer(
        vm(name) + "/export", new HttpApi.Export(archive), new TypeReference<>() {});
  }

  @Override
  public VmName importVm(Path archive, @Nullable VmName as) {
    TypeReference<HttpApi.Named> answer = new TypeReference<>() {};
    return calls.transfer("/v1/import", new HttpApi.Import(archive, as), answer).name();
  }

  @Override
  public void rename(VmName from, VmName to) {
    calls.command("POST", vm(from) + "/rename?to=" + to);
  }

  @Override
  public List<AdoptView> adopt(AdoptRequest request) {
    return calls.transfer("/v1/adopt", request, new TypeReference<>() {});
  }

  @Override
  public ReleaseView release(VmName name) {
    return calls.post(vm(name) + "/release", null, new TypeReference<>() {});
  }

  @Override
  public List<TrashView> trash() {
    return calls.get("/v1/trash", new TypeReference<>() {});
  }

  @Override
  public VmName restore(String trashId) {
    TypeReference<HttpApi.Named> answer = new TypeReference<>() {};
    return calls.post("/v1/trash/" + encode(trashId) + "/restore", null, answer).name();
  }

  @Override
  public int emptyTrash(List<String> ids) {
    TypeReference<HttpApi.Emptied> answer = new TypeReference<>() {};
    return calls.post("/v1/trash/empty", new HttpApi.EmptyTrash(ids), answer).count();
  }

  @Override
  public List<ImageView> images() {
    return calls.get("/v1/images", new TypeReference<>() {});
  }

  @Override
  public ImageTask begin(ImageRequest request) {
    String path =
        switch (request) {
          case ImageRequest.Pull pull -> "/v1/images/pull";
          case ImageRequest.Verify verify -> "/v1/images/verify";
          case ImageRequest.Push push -> "/v1/images/push";
        };
    return calls.post(path, request, new TypeReference<>() {});
  }

  @Override
  public ImageTask imageTask(String id, long since, Duration wait) {
    Duration asked = clamp(wait);
    String path =
        "/v1/images/tasks/"
            + encode(id)
            + "?since="
            + since
            + "&waitSeconds="
            + wholeSeconds(asked);
    return calls.get(path, asked, new TypeReference<>() {});
  }

  @Override
  public List<ImageView> remove(ImageRemoval removal) {
    return calls.post("/v1/images/remove", removal, new TypeReference<>() {});
  }

  @Override
  public List<PruneView> prune(boolean confirm) {
    String path = "/v1/sources/prune";
    TypeReference<List<PruneView>> answer = new TypeReference<>() {};
    return confirm ? calls.post(path, null, answer) : calls.get(path, answer);
  }

  @Override
  public List<SourceView> sources() {
    return calls.get("/v1/sources", new TypeReference<>() {});
  }

  @Override
  public void syncSource(String name) {
    calls.command("POST", source(name) + "/sync");
  }

  @Override
  public void suspendSource(String name) {
    calls.command("POST", source(name) + "/suspend");
  }

  @Override
  public void resumeSource(String name) {
    calls.command("POST", source(name) + "/resume");
  }

  @Override
  public SourceView addSource(AddedSource source) {
    return calls.post("/v1/sources", source, new TypeReference<>() {});
  }

  @Override
  public SourceRemoval removeSource(String name, boolean prune) {
    return calls.delete(source(name) + "?prune=" + prune, new TypeReference<>() {});
  }

  @Override
  public void close() {
    // No connection outlives its exchange.
  }

  private static String vm(VmName name) {
    return "/v1/vms/" + name;
  }

  private static String source(String name) {
    return "/v1/sources/" + encode(name);
  }

  private static Duration clamp(Duration wait) {
    return wait.compareTo(LONGEST_WAIT) > 0 ? LONGEST_WAIT : wait;
  }

  private static long wholeSeconds(Duration wait) {
    return wait.plusMillis(999).toSeconds();
  }

  private static String encode(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8).replace("+", "%20");
  }
}
