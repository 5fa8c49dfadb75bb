package dev.vmctl.api.http;

import com.fasterxml.jackson.core.JsonProcessingException;
import com.fasterxml.jackson.core.type.TypeReference;
import com.fasterxml.jackson.databind.ObjectMapper;
import dev.vmctl.api.AdoptRequest;
import dev.vmctl.api.AdoptView;
import dev.vmctl.api.ApplyRequest;
import dev.vmctl.api.ApplyResult;
import dev.vmctl.api.Changes;
import dev.vmctl.api.CloneRequest;
import dev.vmctl.api.CloneView;
import dev.vmctl.api.ConsoleAccess;
import dev.vmctl.api.DiffView;
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
import dev.vmctl.api.SourceView;
import dev.vmctl.api.SshAccess;
import dev.vmctl.api.TrashView;
import dev.vmctl.api.VmStatus;
import dev.vmctl.api.VmSummary;
import dev.vmctl.api.Vmctl;
import dev.vmctl.api.Watch;
import dev.vmctl.json.Json;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmEvent;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.io.Closeable;
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

/** The daemon of a data directory, asked over its unix socket. Holds nothing open between calls. */
public final class DaemonClient implements Vmctl {
  /** How long the daemon may take beyond what it was asked to wait. */
  private static final Duration PATIENCE = Duration.ofSeconds(60);

  private static final Duration LONGEST_WAIT = Duration.ofSeconds(60);

  /** Disks are copied meanwhile. The daemon keeps a silent connection no longer. */
  private static final Duration LONGEST_TRANSFER = Duration.ofHours(4);

  private final UnixHttp http;
  private @Nullable ObjectMapper mapper;
  private volatile @Nullable String serverVersion;

  public DaemonClient(Path socket) {
    this.http = new UnixHttp(socket);
  }

  /** Whether somebody listens on the socket now. */
  public boolean isAnswered() {
    return http.isAnswered();
  }

  /** The daemon's version, as its latest answer had it; empty before the first. */
  public Optional<String> serverVersion() {
    return Optional.ofNullable(serverVersion);
  }

  @Override
  public ServerInfo info() {
    return get("/v1/info", new TypeReference<>() {});
  }

  @Override
  public List<VmSummary> list() {
    try {
      return SummaryReader.read(call("GET", "/v1/vms", null, Duration.ZERO).body());
    } catch (IOException unreadable) {
      throw garbled(unreadable.getMessage(), unreadable);
    }
  }

  @Override
  public VmStatus status(VmName name) {
    return get(vm(name), new TypeReference<>() {});
  }

  @Override
  public PlanView plan(ApplyRequest request) {
    return post("/v1/plan", request, new TypeReference<>() {});
  }

  @Override
  public ApplyResult apply(ApplyRequest request) {
    return post("/v1/apply", request, new TypeReference<>() {});
  }

  @Override
  public void start(VmName name) {
    command("POST", vm(name) + "/start");
  }

  @Override
  public void stop(VmName name, Duration grace) {
    command("POST", vm(name) + "/stop?graceSeconds=" + grace.toSeconds());
  }

  @Override
  public void drain(VmName name, Duration grace) {
    command("POST", vm(name) + "/drain?graceSeconds=" + grace.toSeconds());
  }

  @Override
  public void cordon(String reason) {
    command("PUT", "/v1/cordon?reason=" + encode(reason));
  }

  @Override
  public void uncordon() {
    command("DELETE", "/v1/cordon");
  }

  @Override
  public void suspend(VmName name) {
    command("POST", vm(name) + "/suspend");
  }

  @Override
  public void suspendToDisk(VmName name, boolean untilBoot) {
    command("POST", vm(name) + "/suspend-to-disk?untilBoot=" + untilBoot);
  }

  @Override
  public void discardMemory(VmName name) {
    command("POST", vm(name) + "/discard-memory");
  }

  @Override
  public SnapshotsView snapshots(VmName name) {
    return get(vm(name) + "/snapshots", new TypeReference<>() {});
  }

  @Override
  public void takeSnapshot(VmName name, SnapshotRequest request) {
    call("POST", vm(name) + "/snapshots", encoded(request), Duration.ZERO);
  }

  @Override
  public void restoreSnapshot(VmName name, SnapshotRequest request) {
    call("POST", vm(name) + "/snapshots/restore", encoded(request), Duration.ZERO);
  }

  @Override
  public void deleteSnapshot(VmName name, String snapshot) {
    command("DELETE", vm(name) + "/snapshots/" + encode(snapshot));
  }

  @Override
  public CloneView cloneVm(VmName name, CloneRequest request) {
    return post(vm(name) + "/clone", request, new TypeReference<>() {});
  }

  @Override
  public void resume(VmName name) {
    command("POST", vm(name) + "/resume");
  }

  @Override
  public void destroy(VmName name, boolean purge) {
    command("DELETE", vm(name) + "?purge=" + purge);
  }

  @Override
  public void approve(VmName name) {
    command("POST", vm(name) + "/apply");
  }

  @Override
  public HistoryView history(VmName name) {
    return get(vm(name) + "/history", new TypeReference<>() {});
  }

  @Override
  public DiffView diff(VmName name, @Nullable Long generation) {
    String from = generation == null ? "" : "?from=" + generation;
    return get(vm(name) + "/diff" + from, new TypeReference<>() {});
  }

  @Override
  public RollbackView rollback(VmName name, @Nullable Long generation) {
    String to = generation == null ? "" : "?to=" + generation;
    return decode(
        call("POST", vm(name) + "/rollback" + to, null, Duration.ZERO), new TypeReference<>() {});
  }

  @Override
  public void reload(VmName name, boolean provision) {
    command("POST", vm(name) + "/reload?provision=" + provision);
  }

  @Override
  public void provision(VmName name) {
    command("POST", vm(name) + "/provision");
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
    return decode(call("GET", path, null, asked), new TypeReference<>() {});
  }

  /** A link to the daemon's page, good for one browser and a few minutes. */
  public String dashboard() {
    TypeReference<HttpApi.Link> answer = new TypeReference<>() {};
    return decode(call("POST", HttpApi.DASHBOARD, null, Duration.ZERO), answer).url();
  }

  @Override
  public Watch watch(Set<VmName> names) {
    String list =
        names.stream().sorted().map(VmName::value).collect(Collectors.joining(",", "?names=", ""));
    String path = HttpApi.WATCH + (names.isEmpty() ? "" : list);
    return new EventStream(since -> stream(path, since), http::unreachable, mapper());
  }

  private UnixHttp.Opened stream(String path, @Nullable Long since) {
    Map<String, String> headers =
        since == null ? Map.of() : Map.of("Last-Event-ID", since.toString());
    UnixHttp.Opened opened = http.open(path, headers, PATIENCE);
    serverVersion = opened.version();
    if (opened.status() == 200) {
      return opened;
    }
    try (Closeable connection = opened.connection()) {
      byte[] body = opened.body().readAllBytes();
      throw problem(new UnixHttp.Answer(opened.status(), body, opened.version(), null));
    } catch (IOException broken) {
      throw http.unreachable(broken);
    }
  }

  @Override
  public List<VmEvent> events(EventQuery query) {
    StringBuilder path = new StringBuilder("/v1/events");
    char separator = '?';
    if (query.vm() != null) {
      path.append(separator).append("vm=").append(query.vm());
      separator = '&';
    }
    if (query.since() != null) {
      path.append(separator).append("since=").append(encode(query.since().toString()));
    }
    return get(path.toString(), new TypeReference<>() {});
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
    UnixHttp.Answer answer = call("GET", path, null, asked);
    String next = answer.nextOffset();
    if (next == null) {
      throw garbled("a log without " + HttpApi.NEXT_OFFSET_HEADER, null);
    }
    try {
      return new LogChunk(Long.parseLong(next), answer.body());
    } catch (NumberFormatException notNumber) {
      throw garbled(HttpApi.NEXT_OFFSET_HEADER + ": " + next, notNumber);
    }
  }

  @Override
  public long logOffset(VmName name, LogKind kind, Instant since) {
    String path = vm(name) + "/log/" + kind.text() + "/offset?since=" + encode(since.toString());
    TypeReference<HttpApi.Offset> answer = new TypeReference<>() {};
    return get(path, answer).offset();
  }

  @Override
  public long startProgram(VmName name, ProgramRequest request) {
    TypeReference<HttpApi.Started> answer = new TypeReference<>() {};
    return post(vm(name) + "/programs", request, answer).id();
  }

  @Override
  public ProgramView program(VmName name, long id, Duration wait) {
    Duration asked = clamp(wait);
    String path = vm(name) + "/programs/" + id + "?waitSeconds=" + wholeSeconds(asked);
    return decode(call("GET", path, null, asked), new TypeReference<>() {});
  }

  @Override
  public byte[] screenshot(VmName name) {
    return call("GET", vm(name) + "/screenshot", null, Duration.ZERO).body();
  }

  @Override
  public void label(VmName name, LabelChange change) {
    call("POST", vm(name) + "/labels", encoded(change), Duration.ZERO);
  }

  @Override
  public SshAccess ssh(VmName name) {
    return get(vm(name) + "/ssh", new TypeReference<>() {});
  }

  @Override
  public ConsoleAccess console(VmName name) {
    return get(vm(name) + "/console", new TypeReference<>() {});
  }

  @Override
  public ExportView exportVm(VmName name, Path archive) {
    return transfer(vm(name) + "/export", new HttpApi.Export(archive), new TypeReference<>() {});
  }

  @Override
  public VmName importVm(Path archive, @Nullable VmName as) {
    TypeReference<HttpApi.Named> answer = new TypeReference<>() {};
    return transfer("/v1/import", new HttpApi.Import(archive, as), answer).name();
  }

  @Override
  public void rename(VmName from, VmName to) {
    command("POST", vm(from) + "/rename?to=" + to);
  }

  @Override
  public List<AdoptView> adopt(AdoptRequest request) {
    return transfer("/v1/adopt", request, new TypeReference<>() {});
  }

  @Override
  public ReleaseView release(VmName name) {
    return decode(
        call("POST", vm(name) + "/release", null, Duration.ZERO), new TypeReference<>() {});
  }

  private <T> T transfer(String path, Object body, TypeReference<T> type) {
    return decode(call("POST", path, encoded(body), LONGEST_TRANSFER), type);
  }

  @Override
  public List<TrashView> trash() {
    return get("/v1/trash", new TypeReference<>() {});
  }

  @Override
  public VmName restore(String trashId) {
    TypeReference<HttpApi.Named> answer = new TypeReference<>() {};
    return decode(
            call("POST", "/v1/trash/" + encode(trashId) + "/restore", null, Duration.ZERO), answer)
        .name();
  }

  @Override
  public int emptyTrash(List<String> ids) {
    TypeReference<HttpApi.Emptied> answer = new TypeReference<>() {};
    return post("/v1/trash/empty", new HttpApi.EmptyTrash(ids), answer).count();
  }

  @Override
  public List<ImageView> images() {
    return get("/v1/images", new TypeReference<>() {});
  }

  @Override
  public ImageTask begin(ImageRequest request) {
    String path =
        switch (request) {
          case ImageRequest.Pull pull -> "/v1/images/pull";
          case ImageRequest.Verify verify -> "/v1/images/verify";
          case ImageRequest.Push push -> "/v1/images/push";
        };
    return post(path, request, new TypeReference<>() {});
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
    return decode(call("GET", path, null, asked), new TypeReference<>() {});
  }

  @Override
  public List<ImageView> remove(ImageRemoval removal) {
    return post("/v1/images/remove", removal, new TypeReference<>() {});
  }

  @Override
  public List<PruneView> prune(boolean confirm) {
    return decode(
        call(confirm ? "POST" : "GET", "/v1/sources/prune", null, Duration.ZERO),
        new TypeReference<>() {});
  }

  @Override
  public List<SourceView> sources() {
    return get("/v1/sources", new TypeReference<>() {});
  }

  @Override
  public void syncSource(String name) {
    command("POST", source(name) + "/sync");
  }

  @Override
  public void suspendSource(String name) {
    command("POST", source(name) + "/suspend");
  }

  @Override
  public void resumeSource(String name) {
    command("POST", source(name) + "/resume");
  }

  @Override
  public void close() {
    // No connection outlives its exchange.
  }

  private <T> T get(String path, TypeReference<T> type) {
    return decode(call("GET", path, null, Duration.ZERO), type);
  }

  private <T> T post(String path, Object body, TypeReference<T> type) {
    return decode(call("POST", path, encoded(body), Duration.ZERO), type);
  }

  private byte[] encoded(Object body) {
    try {
      return mapper().writeValueAsBytes(body);
    } catch (JsonProcessingException unwritable) {
      throw new VmException(
          ErrorCode.INTERNAL, "a request cannot be written: " + unwritable.getMessage(), "");
    }
  }

  private void command(String method, String path) {
    call(method, path, null, Duration.ZERO);
  }

  /** Made when it is needed: {@code list} does without. */
  private synchronized ObjectMapper mapper() {
    if (mapper == null) {
      mapper = Json.mapper();
    }
    return mapper;
  }

  private UnixHttp.Answer call(String method, String path, byte @Nullable [] body, Duration asked) {
    UnixHttp.Answer answer = http.exchange(method, path, body, asked.plus(PATIENCE));
    serverVersion = answer.version();
    if (answer.status() >= 400) {
      throw problem(answer);
    }
    return answer;
  }

  private VmException problem(UnixHttp.Answer answer) {
    try {
      return mapper().readValue(answer.body(), Problem.class).toException();
    } catch (IOException notOurs) {
      String text = new String(answer.body(), StandardCharsets.UTF_8).strip();
      return new VmException(
          ErrorCode.INTERNAL,
          "the daemon answered "
              + answer.status()
              + (text.isEmpty() ? "" : ": " + text.lines().findFirst().orElse("")),
          "read the daemon's log");
    }
  }

  private <T> T decode(UnixHttp.Answer answer, TypeReference<T> type) {
    try {
      return mapper().readValue(answer.body(), type);
    } catch (IOException unreadable) {
      throw garbled(unreadable.getMessage(), unreadable);
    }
  }

  private static VmException garbled(@Nullable String what, @Nullable Throwable cause) {
    return new VmException(
        ErrorCode.INTERNAL,
        "the daemon's answer cannot be understood: " + what,
        "compare the versions shown by 'vmctl version'; restart the daemon after an upgrade",
        cause);
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
