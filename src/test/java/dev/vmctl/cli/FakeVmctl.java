package dev.vmctl.cli;

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
import dev.vmctl.api.SnapshotView;
import dev.vmctl.api.SnapshotsView;
import dev.vmctl.api.SourceView;
import dev.vmctl.api.SshAccess;
import dev.vmctl.api.TrashView;
import dev.vmctl.api.VmStatus;
import dev.vmctl.api.VmSummary;
import dev.vmctl.api.Vmctl;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.FieldValues;
import dev.vmctl.model.VmEvent;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayDeque;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.Deque;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import org.jspecify.annotations.Nullable;

/** VMs in memory whose future is written down beforehand. */
final class FakeVmctl implements Vmctl {
  static final AdoptView ADOPTED =
      new AdoptView(
              "web",
              "running",
              4711L,
              "the QMP socket /run/web.qmp",
              List.of("/srv/web.qcow2"),
              adoptedSpec(),
              List.of("at its next start it gets vmctl's own devices on the same disk"))
          .asAdopted();

  private static VmSpec adoptedSpec() {
    FieldValues values = new FieldValues();
    values.put(VmFields.IMAGE, Path.of("/srv/web.qcow2"));
    values.put(VmFields.VCPUS, 2);
    values.put(VmFields.MEMORY, 512L);
    return VmSpec.of(new VmName("web"), values);
  }

  /** Why the last wish for a snapshot was not fulfilled. */
  VmStatus.@Nullable Failure snapshotFailure;

  static final ImageView IMAGE =
      new ImageView(
          "sha256:" + "5".repeat(64),
          "qcow2",
          1L << 31,
          4096,
          2048,
          "/images/5",
          List.of("https://example.org/disk.qcow2"),
          List.of("debian"),
          Instant.parse("2026-01-31T12:00:00Z"),
          List.of("web"));

  final List<String> calls = new CopyOnWriteArrayList<>();
  final List<ApplyRequest> applied = new ArrayList<>();
  final List<VmEvent> events = new ArrayList<>();
  final List<TrashView> trash = new ArrayList<>();
  boolean daemon = true;
  PlanView plan = new PlanView(List.of());
  ApplyResult applyResult = new ApplyResult(List.of(), List.of(), List.of());
  @Nullable SshAccess ssh;
  @Nullable EventQuery askedEvents;
  ProgramView.@Nullable End programEnd;
  long sinceOffset;
  private final Map<String, VmStatus> vms = new TreeMap<>();
  private final Deque<Runnable> future = new ArrayDeque<>();
  private final Map<String, ByteArrayOutputStream> logs = new HashMap<>();
  private List<String> gone = List.of();
  private long version;
  private volatile boolean closed;

  FakeVmctl opened() {
    closed = false;
    return this;
  }

  /** A VM that is there from the start. */
  void add(VmStatus vm) {
    vms.put(vm.summary().name(), vm);
  }

  /** What comes next, seen by whoever asks for changes after the first look. */
  void then(VmStatus... changed) {
    future.add(
        () -> {
          for (VmStatus vm : changed) {
            add(vm);
          }
        });
  }

  /** The removal of a VM comes next. */
  void thenGone(String name) {
    future.add(
        () -> {
          vms.remove(name);
          gone = List.of(name);
        });
  }

  /** More of a log comes next. */
  void thenLog(String vm, LogKind kind, String text) {
    future.add(() -> write(vm, kind, text));
  }

  synchronized void write(String vm, LogKind kind, String text) {
    logs.computeIfAbsent(vm + "/" + kind.text(), each -> new ByteArrayOutputStream())
        .writeBytes(text.getBytes(StandardCharsets.UTF_8));
  }

  @Override
  public ServerInfo info() {
    return new ServerInfo("0.1.0", 1, daemon, true, Path.of("/data"), List.of());
  }

  @Override
  public List<VmSummary> list() {
    return vms.values().stream().map(VmStatus::summary).toList();
  }

  @Override
  public VmStatus status(VmName name) {
    VmStatus vm = vms.get(name.value());
    if (vm == null) {
      throw new VmException(
          ErrorCode.VM_NOT_FOUND, "there is no VM '" + name + "'", "did you mean 'web'?");
    }
    return vm;
  }

  @Override
  public PlanView plan(ApplyRequest request) {
    applied.add(request);
    calls.add("plan");
    return plan;
  }

  @Override
  public ApplyResult apply(ApplyRequest request) {
    applied.add(request);
    calls.add("apply");
    return applyResult;
  }

  @Override
  public void start(VmName name) {
    command("start", name);
  }

  @Override
  public void stop(VmName name, Duration grace) {
    command("stop " + grace.toSeconds() + "s", name);
  }

  @Override
  public void drain(VmName name, Duration grace) {
    command("drain " + grace.toSeconds() + "s", name);
  }

  @Override
  public void cordon(String reason) {
    calls.add("cordon " + reason);
  }

  @Override
  public void uncordon() {
    calls.add("uncordon");
  }

  @Override
  public void suspend(VmName name) {
    command("suspend", name);
  }

  @Override
  public void suspendToDisk(VmName name, boolean untilBoot) {
    calls.add("suspend to disk " + name + (untilBoot ? " until boot" : ""));
  }

  @Override
  public void discardMemory(VmName name) {
    calls.add("discard memory " + name);
  }

  @Override
  public SnapshotsView snapshots(VmName name) {
    return new SnapshotsView(
        name.value(),
        List.of(
            new SnapshotView("clean", Instant.parse("2026-01-30T12:00:00Z"), 1, 0, false),
            new SnapshotView("warm", Instant.parse("2026-01-31T12:00:00Z"), 2, 109051904, false)),
        null,
        snapshotFailure);
  }

  @Override
  public void takeSnapshot(VmName name, SnapshotRequest request) {
    calls.add("take " + name + " " + request);
  }

  @Override
  public void restoreSnapshot(VmName name, SnapshotRequest request) {
    calls.add("restore " + name + " " + request);
  }

  @Override
  public void deleteSnapshot(VmName name, String snapshot) {
    calls.add("delete " + name + " " + snapshot);
  }

  @Override
  public CloneView cloneVm(VmName name, CloneRequest request) {
    calls.add("clone " + name + " " + request);
    return new CloneView(
        request.to().value(), name.value(), List.of("ports are not forwarded to it: they are its"));
  }

  @Override
  public void resume(VmName name) {
    command("resume", name);
  }

  @Override
  public void destroy(VmName name, boolean purge) {
    command(purge ? "purge" : "destroy", name);
  }

  @Override
  public void approve(VmName name) {
    command("approve", name);
  }

  @Override
  public HistoryView history(VmName name) {
    calls.add("history " + name);
    return new HistoryView(
        name.value(),
        1L,
        List.of(
            new HistoryView.GenerationView(
                2,
                Instant.parse("2026-01-31T12:00:00Z"),
                true,
                true,
                1L,
                "/vmfiles/web.kdl:1",
                null,
                "sha256:" + "5".repeat(64),
                null,
                List.of(new PlanView.FieldChange("memory", "512", "1024", "restart")))));
  }

  @Override
  public DiffView diff(VmName name, @Nullable Long generation) {
    calls.add("diff " + name + " " + generation);
    return new DiffView(
        name.value(),
        1,
        2,
        List.of(new PlanView.FieldChange("memory", "512", "1024", "restart")),
        List.of(new DiffView.FileChange("/vmfiles/setup.sh", "sha256:1", "sha256:2")),
        List.of("TOKEN"),
        "restart");
  }

  @Override
  public RollbackView rollback(VmName name, @Nullable Long generation) {
    calls.add("rollback " + name + " " + generation);
    return new RollbackView(name.value(), 1, 3, true, null, List.of("setup.sh is as it is now"));
  }

  @Override
  public void reload(VmName name, boolean provision) {
    command(provision ? "reload" : "reload without provision", name);
  }

  @Override
  public void provision(VmName name) {
    command("provision", name);
  }

  private void command(String what, VmName name) {
    status(name);
    calls.add(what + " " + name);
  }

  @Override
  public synchronized Changes changes(Set<VmName> names, long since, Duration wait) {
    if (since > 0) {
      Runnable next = future.poll();
      if (next == null && wait.compareTo(Duration.ofSeconds(1)) <= 0) {
        return new Changes(version, List.of(), List.of()); // Who waits so shortly looks at a clock.
      }
      if (next == null) {
        throw new AssertionError("waits for something that never comes");
      }
      next.run();
    }
    version++;
    List<VmStatus> current =
        vms.values().stream()
            .filter(vm -> names.isEmpty() || names.contains(new VmName(vm.summary().name())))
            .toList();
    return new Changes(version, current, gone, since == 0);
  }

  @Override
  public List<VmEvent> events(EventQuery query) {
    askedEvents = query;
    return events;
  }

  @Override
  public LogChunk log(VmName name, LogKind kind, long offset, Duration wait) {
    if (closed) {
      throw new VmException(ErrorCode.DAEMON_UNREACHABLE, "closed", "");
    }
    byte[] all;
    synchronized (this) {
      ByteArrayOutputStream log = logs.get(name + "/" + kind.text());
      all = log == null ? new byte[0] : log.toByteArray();
    }
    int start = Math.clamp(offset < 0 ? all.length + offset : offset, 0, all.length);
    int end = Math.min(all.length, start + 10);
    byte[] piece = Arrays.copyOfRange(all, start, end);
    if (piece.length == 0 && !wait.isZero()) {
      Thread.yield();
    }
    return new LogChunk(end, piece);
  }

  @Override
  public long logOffset(VmName name, LogKind kind, Instant since) {
    calls.add("since " + since);
    return sinceOffset;
  }

  @Override
  public long startProgram(VmName name, ProgramRequest request) {
    command("program " + request.command() + " " + request.input().length + " in", name);
    return 7;
  }

  @Override
  public ProgramView program(VmName name, long id, Duration wait) {
    ProgramView.End end = programEnd;
    if (end == null && wait.isZero()) {
      Thread.yield();
    }
    return new ProgramView(id, end);
  }

  @Override
  public byte[] screenshot(VmName name) {
    status(name);
    return new byte[] {(byte) 0x89, 'P', 'N', 'G'};
  }

  @Override
  public void label(VmName name, LabelChange change) {
    command("label " + new TreeMap<>(change.set()) + " " + change.remove(), name);
  }

  @Override
  public SshAccess ssh(VmName name) {
    SshAccess access = ssh;
    if (access == null) {
      throw new VmException(
          ErrorCode.VM_INVALID_STATE, "'" + name + "' does not run", "start it: vmctl start web");
    }
    return access;
  }

  @Override
  public ConsoleAccess console(VmName name) {
    throw new VmException(ErrorCode.CAPABILITY_MISSING, "it has no console", "");
  }

  @Override
  public List<ImageView> images() {
    return List.of(IMAGE);
  }

  @Override
  public ImageTask begin(ImageRequest request) {
    calls.add(request.toString());
    return new ImageTask("1", 1, "downloading 50 % of it", 2048, 4096, false, null, null);
  }

  @Override
  public ImageTask imageTask(String id, long since, Duration wait) {
    calls.add("task " + id + " " + since);
    return new ImageTask(id, since + 1, "", 4096, 4096, true, IMAGE, null);
  }

  @Override
  public List<ImageView> remove(ImageRemoval removal) {
    calls.add(removal.toString());
    return List.of(IMAGE);
  }

  @Override
  public ExportView exportVm(VmName name, Path archive) {
    calls.add("export " + name + " " + archive);
    return new ExportView(archive, 3 << 20, "crash");
  }

  @Override
  public VmName importVm(Path archive, @Nullable VmName as) {
    calls.add("import " + archive + " " + as);
    return as == null ? new VmName("web") : as;
  }

  @Override
  public List<AdoptView> adopt(AdoptRequest request) {
    calls.add("adopt " + request.names());
    return List.of(ADOPTED);
  }

  @Override
  public ReleaseView release(VmName name) {
    calls.add("release " + name);
    return new ReleaseView(name.value(), "running", 4711L, List.of("/data/vms/" + name));
  }

  @Override
  public void rename(VmName from, VmName to) {
    calls.add("rename " + from + " " + to);
  }

  @Override
  public List<TrashView> trash() {
    return trash;
  }

  @Override
  public VmName restore(String trashId) {
    calls.add("restore " + trashId);
    return new VmName("web");
  }

  @Override
  public int emptyTrash(List<String> ids) {
    calls.add("empty " + ids);
    return ids.isEmpty() ? trash.size() : ids.size();
  }

  @Override
  public List<PruneView> prune(boolean confirm) {
    calls.add(confirm ? "prune" : "prunable");
    return List.of(
        new PruneView("directory /vms", "/vms declares none of its VMs any more", List.of("web")));
  }

  @Override
  public List<SourceView> sources() {
    return List.of(
        new SourceView(
            "fleet",
            "git",
            "https://example.org/fleet.git#main:vms",
            "refused",
            "1111111111111111111111111111111111111111",
            "2222222222222222222222222222222222222222",
            Vms.NOON,
            2,
            "commit 2222222222222222222222222222222222222222 is not taken: vms/web.kdl:3:5: no"));
  }

  @Override
  public void syncSource(String name) {
    calls.add("sync " + name);
  }

  @Override
  public void suspendSource(String name) {
    calls.add("suspend " + name);
  }

  @Override
  public void resumeSource(String name) {
    calls.add("resume " + name);
  }

  @Override
  public void close() {
    closed = true;
  }
}
