package dev.vmctl.api;

import static dev.vmctl.api.SampleViews.ADOPTED;
import static dev.vmctl.api.SampleViews.APPLIED;
import static dev.vmctl.api.SampleViews.EVENT;
import static dev.vmctl.api.SampleViews.IMAGE;
import static dev.vmctl.api.SampleViews.PLAN;
import static dev.vmctl.api.SampleViews.SOURCE;
import static dev.vmctl.api.SampleViews.STATUS;
import static dev.vmctl.api.SampleViews.SUMMARY;
import static dev.vmctl.api.SampleViews.TRASHED;
import static dev.vmctl.api.SampleViews.WEB;

import dev.vmctl.Version;
import dev.vmctl.model.AddedSource;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.CountDownLatch;
import org.jspecify.annotations.Nullable;

/** Remembers what it was asked, as text, and has fixed answers. */
public class FakeVmctl implements Vmctl {
  /** Why the last wish for a snapshot was not fulfilled. */
  public VmStatus.@Nullable Failure snapshotFailure;

  public final List<String> calls = new CopyOnWriteArrayList<>();
  public final List<ApplyRequest> applied = new CopyOnWriteArrayList<>();

  /** Set to hold back answers to {@code changes} with a wait. */
  public volatile CountDownLatch gate = new CountDownLatch(0);

  /** Thrown by {@code resume}. */
  public volatile @Nullable RuntimeException failure;

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
    applied.add(request);
    calls.add("plan");
    return PLAN;
  }

  @Override
  public ApplyResult apply(ApplyRequest request) {
    applied.add(request);
    calls.add("apply");
    return APPLIED;
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
    RuntimeException thrown = failure;
    if (thrown != null) {
      throw thrown;
    }
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

  /** A command on one VM. */
  protected void command(String what, VmName name) {
    calls.add(what + " " + name);
  }

  @Override
  public Changes changes(Set<VmName> names, long since, Duration wait) {
    calls.add("changes " + names.stream().sorted().toList() + " " + since + " " + wait);
    if (!wait.isZero()) {
      try {
        gate.await();
      } catch (InterruptedException e) {
        Thread.currentThread().interrupt();
      }
    }
    if (!wait.isZero() && since > 0) {
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
  public EventPage events(EventQuery query) {
    calls.add("events " + query);
    return new EventPage(List.of(EVENT), 100);
  }

  @Override
  public EventPage eventsAfter(long place, Duration wait) {
    calls.add("events after " + place + " " + wait);
    return new EventPage(List.of(EVENT), place + 10);
  }

  @Override
  public LogChunk log(VmName name, LogKind kind, long offset, Duration wait) {
    calls.add("log " + name + " " + kind + " " + offset + " " + wait);
    return new LogChunk(offset + 4, new byte[] {0, (byte) 0xff, '\r', '\n'});
  }

  @Override
  public long logOffset(VmName name, LogKind kind, Instant since) {
    calls.add("log offset " + name + " " + kind + " " + since);
    return 42;
  }

  @Override
  public long startProgram(VmName name, ProgramRequest request) {
    command("program " + request.command() + " " + request.input().length + " in", name);
    return 7;
  }

  @Override
  public ProgramView program(VmName name, long id, Duration wait) {
    calls.add("program " + name + " " + id + " " + wait);
    return new ProgramView(
        id, new ProgramView.End(3, new byte[] {0, (byte) 0xff}, new byte[] {'e'}, true));
  }

  @Override
  public byte[] screenshot(VmName name) {
    return new byte[] {(byte) 0x89, 'P', 'N', 'G'};
  }

  @Override
  public void label(VmName name, LabelChange change) {
    command("label " + new TreeMap<>(change.set()) + " " + change.remove(), name);
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
    return as == null ? WEB : as;
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
    return List.of(TRASHED);
  }

  @Override
  public VmName restore(String trashId) {
    calls.add("restore " + trashId);
    return WEB;
  }

  @Override
  public int emptyTrash(List<String> ids) {
    calls.add("empty " + ids);
    return ids.size();
  }

  @Override
  public List<PruneView> prune(boolean confirm) {
    calls.add(confirm ? "prune" : "prunable");
    return List.of(
        new PruneView("directory /vms", "/vms declares none of its VMs any more", List.of("web")));
  }

  @Override
  public List<SourceView> sources() {
    return List.of(SOURCE);
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
  public SourceView addSource(AddedSource source) {
    calls.add("add " + source);
    return SOURCE;
  }

  @Override
  public SourceRemoval removeSource(String name, boolean prune) {
    calls.add("remove source " + name + (prune ? " with its VMs" : ""));
    return new SourceRemoval(
        name, prune ? List.of() : List.of("web"), prune ? List.of("web") : List.of());
  }

  @Override
  public void close() {
    calls.add("close");
  }
}
