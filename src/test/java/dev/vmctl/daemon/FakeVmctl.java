package dev.vmctl.daemon;

import dev.vmctl.Version;
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
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** An engine that remembers what it was asked, as text, and has fixed answers. */
class FakeVmctl implements Vmctl {
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

  static final VmName WEB = new VmName("web");
  static final Instant NOON = Instant.parse("2026-03-04T12:00:00Z");
  static final VmSummary SUMMARY =
      new VmSummary(
          "web", "running", true, "noop", 1, 128, "none", null, null, "/srv/VMFile.kdl", true);
  static final VmStatus STATUS =
      new VmStatus(
          SUMMARY,
          "6a1c0f3e-0000-4000-8000-000000000001",
          2,
          1,
          List.of(new VmStatus.ConditionView("Ready", "True", "Ok", "", 1, NOON)),
          List.of(),
          3,
          new VmStatus.ProvisionView(true, "sha256:00", 1),
          null,
          null,
          null,
          null,
          null,
          null,
          Map.of("directory", "/data/vms/web"),
          "",
          true,
          null,
          null,
          List.of(),
          null,
          null);
  static final VmEvent EVENT =
      new VmEvent(NOON, VmEvent.Type.WARNING, "Crashed", WEB, "it died", 2);
  static final TrashView TRASHED = new TrashView("t 1", "web", "disk", NOON, "replaced", 4096);
  static final PlanView PLAN =
      new PlanView(
          List.of(
              new PlanView.VmPlan(
                  "web",
                  "restart",
                  "memory",
                  List.of(new PlanView.FieldChange("memory", "1", "2", "restart")))));
  static final ApplyResult APPLIED = new ApplyResult(List.of(WEB), List.of(), List.of());

  final List<String> asked = new CopyOnWriteArrayList<>();
  final List<ApplyRequest> requests = new CopyOnWriteArrayList<>();

  /** Set to hold back answers to {@code changes} with a wait. */
  volatile CountDownLatch gate = new CountDownLatch(0);

  /** Thrown by {@code resume}. */
  volatile @Nullable RuntimeException failure;

  @Override
  public ServerInfo info() {
    return new ServerInfo(Version.CURRENT, 1, true, true, Path.of("/data"), List.of("/srv"));
  }

  @Override
  public List<VmSummary> list() {
    return List.of(SUMMARY);
  }

  @Override
  public VmStatus status(VmName name) {
    if (name.equals(WEB)) {
      return STATUS;
    }
    throw new VmException(ErrorCode.VM_NOT_FOUND, "there is no VM " + name, "did you mean web?");
  }

  @Override
  public PlanView plan(ApplyRequest request) {
    requests.add(request);
    return PLAN;
  }

  @Override
  public ApplyResult apply(ApplyRequest request) {
    requests.add(request);
    return APPLIED;
  }

  @Override
  public void start(VmName name) {
    asked.add("start " + name);
  }

  @Override
  public void stop(VmName name, Duration grace) {
    asked.add("stop " + name + " " + grace);
  }

  @Override
  public void drain(VmName name, Duration grace) {
    asked.add("drain " + name + " " + grace);
  }

  @Override
  public void cordon(String reason) {
    asked.add("cordon " + reason);
  }

  @Override
  public void uncordon() {
    asked.add("uncordon");
  }

  @Override
  public void suspend(VmName name) {
    asked.add("suspend " + name);
  }

  @Override
  public void suspendToDisk(VmName name, boolean untilBoot) {
    asked.add("suspend to disk " + name + (untilBoot ? " until boot" : ""));
  }

  @Override
  public void discardMemory(VmName name) {
    asked.add("discard memory " + name);
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
    asked.add("take " + name + " " + request);
  }

  @Override
  public void restoreSnapshot(VmName name, SnapshotRequest request) {
    asked.add("restore " + name + " " + request);
  }

  @Override
  public void deleteSnapshot(VmName name, String snapshot) {
    asked.add("delete " + name + " " + snapshot);
  }

  @Override
  public CloneView cloneVm(VmName name, CloneRequest request) {
    asked.add("clone " + name + " " + request);
    return new CloneView(
        request.to().value(), name.value(), List.of("ports are not forwarded to it: they are its"));
  }

  @Override
  public void resume(VmName name) {
    RuntimeException thrown = failure;
    if (thrown != null) {
      throw thrown;
    }
    asked.add("resume " + name);
  }

  @Override
  public void destroy(VmName name, boolean purge) {
    asked.add("destroy " + name + " " + purge);
  }

  @Override
  public void approve(VmName name) {
    asked.add("approve " + name);
  }

  @Override
  public HistoryView history(VmName name) {
    asked.add("history " + name);
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
    asked.add("diff " + name + " " + generation);
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
    asked.add("rollback " + name + " " + generation);
    return new RollbackView(name.value(), 1, 3, true, null, List.of("setup.sh is as it is now"));
  }

  @Override
  public void reload(VmName name, boolean provision) {
    asked.add("reload " + name + " " + provision);
  }

  @Override
  public void provision(VmName name) {
    asked.add("provision " + name);
  }

  @Override
  public Changes changes(Set<VmName> names, long since, Duration wait) {
    asked.add("changes " + names.stream().sorted().toList() + " " + since + " " + wait);
    if (!wait.isZero()) {
      try {
        gate.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    if (wait.equals(Watchers.LOOK) && since > 0) {
      pause(); // The watch asks again and again.
    }
    return new Changes(since + 1, List.of(STATUS), List.of("old"));
  }

  private static void pause() {
    try {
      Thread.sleep(100);
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
  }

  @Override
  public List<VmEvent> events(EventQuery query) {
    asked.add("events " + query);
    return List.of(EVENT);
  }

  @Override
  public LogChunk log(VmName name, LogKind kind, long offset, Duration wait) {
    asked.add("log " + name + " " + kind + " " + offset + " " + wait);
    return new LogChunk(offset + 4, new byte[] {0, (byte) 0xff, '\r', '\n'});
  }

  @Override
  public long logOffset(VmName name, LogKind kind, Instant since) {
    asked.add("log offset " + name + " " + kind + " " + since);
    return 42;
  }

  @Override
  public long startProgram(VmName name, ProgramRequest request) {
    asked.add("program " + name + " " + request.command() + " " + request.input().length);
    return 7;
  }

  @Override
  public ProgramView program(VmName name, long id, Duration wait) {
    asked.add("program " + name + " " + id + " " + wait);
    return new ProgramView(
        id, new ProgramView.End(3, new byte[] {0, (byte) 0xff}, new byte[] {'e'}, true));
  }

  @Override
  public byte[] screenshot(VmName name) {
    return new byte[] {(byte) 0x89, 'P', 'N', 'G'};
  }

  @Override
  public void label(VmName name, LabelChange change) {
    asked.add("label " + name + " " + change);
  }

  @Override
  public SshAccess ssh(VmName name) {
    return new SshAccess(
        "127.0.0.1", 2222, "vm", List.of(Path.of("/k")), Path.of("/h"), "vmctl-web", true);
  }

  @Override
  public ConsoleAccess console(VmName name) {
    return new ConsoleAccess(Path.of("/run/web.serial"), Path.of("/data/console.log"));
  }

  @Override
  public List<ImageView> images() {
    return List.of(IMAGE);
  }

  @Override
  public ImageTask begin(ImageRequest request) {
    asked.add(request.toString());
    return new ImageTask("1", 1, "downloading 50 % of it", 2048, 4096, false, null, null);
  }

  @Override
  public ImageTask imageTask(String id, long since, Duration wait) {
    asked.add("task " + id + " " + since);
    return new ImageTask(id, since + 1, "", 4096, 4096, true, IMAGE, null);
  }

  @Override
  public List<ImageView> remove(ImageRemoval removal) {
    asked.add(removal.toString());
    return List.of(IMAGE);
  }

  @Override
  public ExportView exportVm(VmName name, Path archive) {
    asked.add("export " + name + " " + archive);
    return new ExportView(archive, 3 << 20, "crash");
  }

  @Override
  public VmName importVm(Path archive, @Nullable VmName as) {
    asked.add("import " + archive + " " + as);
    return as == null ? new VmName("web") : as;
  }

  @Override
  public List<AdoptView> adopt(AdoptRequest request) {
    asked.add("adopt " + request.names());
    return List.of(ADOPTED);
  }

  @Override
  public ReleaseView release(VmName name) {
    asked.add("release " + name);
    return new ReleaseView(name.value(), "running", 4711L, List.of("/data/vms/" + name));
  }

  @Override
  public void rename(VmName from, VmName to) {
    asked.add("rename " + from + " " + to);
  }

  @Override
  public List<TrashView> trash() {
    return List.of(TRASHED);
  }

  @Override
  public VmName restore(String trashId) {
    asked.add("restore " + trashId);
    return WEB;
  }

  @Override
  public int emptyTrash(List<String> ids) {
    asked.add("empty " + ids);
    return ids.size();
  }

  @Override
  public List<PruneView> prune(boolean confirm) {
    asked.add(confirm ? "prune" : "prunable");
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
            NOON,
            2,
            "commit 2222222222222222222222222222222222222222 is not taken: vms/web.kdl:3:5: no"));
  }

  @Override
  public void syncSource(String name) {
    asked.add("sync source " + name);
  }

  @Override
  public void suspendSource(String name) {
    asked.add("suspend source " + name);
  }

  @Override
  public void resumeSource(String name) {
    asked.add("resume source " + name);
  }

  @Override
  public void close() {
    asked.add("close");
  }
}
