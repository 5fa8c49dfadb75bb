package dev.vmctl.controller;

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
import dev.vmctl.model.AddedSource;
import dev.vmctl.model.VmName;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/** The API on an engine: records what is asked for and wakes the loop. */
public final class EngineVmctl implements Vmctl {
  private final Engine engine;
  private final ServerInfo info;
  private final Runnable onClose;
  private final Inspection inspection;
  private final Trash trash;
  private final Snapshots snapshots;
  private final ImageDesk images;
  private final Transfers transfers;
  private final Adoptions adoptions;
  private final FollowedSources followed;
  private final Bystander bystander;
  private final Commands commands;
  private final Declaring declaring;

  /**
   * Lets a VM be acted on: the daemon admits every VM, a command's engine takes the VM's lock
   * first.
   */
  @FunctionalInterface
  public interface Admission {
    void admit(VmName name);
  }

  /**
   * @param opener of sources that are added
   * @param onClose what closing this closes
   */
  public EngineVmctl(
      Engine engine, ServerInfo info, SourceOpener opener, Admission admission, Runnable onClose) {
    this.engine = engine;
    this.onClose = onClose;
    this.info = info;
    Views views =
        new Views(
            engine.parts().data(), engine.parts().hypervisors(), engine.intents(), info.daemon());
    inspection = new Inspection(engine, views);
    trash = new Trash(engine, admission);
    snapshots = new Snapshots(engine);
    images = new ImageDesk(engine.parts());
    adoptions = new Adoptions(engine, admission);
    transfers = new Transfers(engine, admission, info.version());
    followed = new FollowedSources(engine, opener);
    bystander = new Bystander(engine);
    commands = new Commands(engine, inspection, admission, snapshots);
    declaring = new Declaring(engine, commands, admission);
  }

  /** Begins to act, and to follow what commands have added. */
  public void start() {
    followed.followAdded();
    engine.start();
  }

  /** Looks at every source and every VM again, and at what has been in the trash for too long. */
  public void resync() {
    followed.retryUnusable();
    engine.resync();
    engine.expireTrash();
    followed.sweep();
  }

  @Override
  public ServerInfo info() {
    return new ServerInfo(
        info.version(),
        info.pid(),
        info.daemon(),
        engine.sourcesReadable() && engine.isAdopted(),
        info.dataDirectory(),
        engine.sources().stream().map(sync -> sync.id().toString()).toList());
  }

  @Override
  public List<VmSummary> list() {
    return inspection.list();
  }

  @Override
  public VmStatus status(VmName name) {
    return inspection.status(name);
  }

  @Override
  public PlanView plan(ApplyRequest request) {
    return inspection.plan(request);
  }

  @Override
  public ApplyResult apply(ApplyRequest request) {
    return declaring.apply(request);
  }

  @Override
  public void start(VmName name) {
    commands.start(name);
  }

  @Override
  public void stop(VmName name, Duration grace) {
    commands.stop(name, grace);
  }

  @Override
  public void drain(VmName name, Duration grace) {
    commands.drain(name, grace);
  }

  @Override
  public void cordon(String reason) {
    commands.cordon(reason);
  }

  @Override
  public void uncordon() {
    commands.uncordon();
  }

  @Override
  public void suspend(VmName name) {
    commands.suspend(name);
  }

  @Override
  public void suspendToDisk(VmName name, boolean untilBoot) {
    commands.suspendToDisk(name, untilBoot);
  }

  @Override
  public void discardMemory(VmName name) {
    commands.discardMemory(name);
  }

  @Override
  public void takeSnapshot(VmName name, SnapshotRequest request) {
    commands.takeSnapshot(name, request);
  }

  @Override
  public void restoreSnapshot(VmName name, SnapshotRequest request) {
    commands.restoreSnapshot(name, request);
  }

  @Override
  public void deleteSnapshot(VmName name, String snapshot) {
    commands.deleteSnapshot(name, snapshot);
  }

  @Override
  public CloneView cloneVm(VmName name, CloneRequest request) {
    return commands.cloneVm(name, request);
  }

  @Override
  public void resume(VmName name) {
    commands.resume(name);
  }

  @Override
  public void destroy(VmName name, boolean purge) {
    commands.destroy(name, purge);
  }

  @Override
  public ReleaseView release(VmName name) {
    return commands.release(name);
  }

  @Override
  public void approve(VmName name) {
    commands.approve(name);
  }

  @Override
  public RollbackView rollback(VmName name, @Nullable Long generation) {
    return commands.rollback(name, generation);
  }

  @Override
  public void reload(VmName name, boolean provision) {
    commands.reload(name, provision);
  }

  @Override
  public void provision(VmName name) {
    commands.provision(name);
  }

  @Override
  public void label(VmName name, LabelChange change) {
    commands.label(name, change);
    // Only a daemon has those to tell who look on.
    if (info.daemon()) {
      engine.wake(name);
    }
  }

  @Override
  public SnapshotsView snapshots(VmName name) {
    return snapshots.view(inspection.record(name));
  }

  @Override
  public List<AdoptView> adopt(AdoptRequest request) {
    return adoptions.adopt(request);
  }

  @Override
  public HistoryView history(VmName name) {
    return engine.past().history(inspection.record(name));
  }

  @Override
  public DiffView diff(VmName name, @Nullable Long generation) {
    return engine.past().diff(inspection.record(name), generation);
  }

  @Override
  public Changes changes(Set<VmName> names, long since, Duration wait) {
    return inspection.changes(names, since, wait);
  }

  @Override
  public EventPage events(EventQuery query) {
    return inspection.events(query);
  }

  @Override
  public EventPage eventsAfter(long place, Duration wait) {
    return inspection.eventsAfter(place, wait);
  }

  @Override
  public LogChunk log(VmName name, LogKind kind, long offset, Duration wait) {
    return inspection.log(name, kind, offset, wait);
  }

  @Override
  public long logOffset(VmName name, LogKind kind, Instant since) {
    return inspection.logOffset(name, kind, since);
  }

  @Override
  public long startProgram(VmName name, ProgramRequest request) {
    return bystander.start(inspection.record(name), request);
  }

  @Override
  public ProgramView program(VmName name, long id, Duration wait) {
    return bystander.program(inspection.record(name), id, wait);
  }

  @Override
  public byte[] screenshot(VmName name) {
    return bystander.screenshot(inspection.record(name));
  }

  @Override
  public SshAccess ssh(VmName name) {
    return inspection.ssh(name);
  }

  @Override
  public ConsoleAccess console(VmName name) {
    return inspection.console(name);
  }

  @Override
  public ExportView exportVm(VmName name, Path archive) {
    return transfers.export(inspection.record(name), archive);
  }

  @Override
  public VmName importVm(Path archive, @Nullable VmName as) {
    return transfers.importFrom(archive, as);
  }

  @Override
  public void rename(VmName from, VmName to) {
    transfers.rename(inspection.record(from), to);
  }

  @Override
  public List<TrashView> trash() {
    return trash.list();
  }

  @Override
  public VmName restore(String trashId) {
    return trash.restore(trashId);
  }

  @Override
  public int emptyTrash(List<String> ids) {
    return trash.empty(ids);
  }

  @Override
  public List<ImageView> images() {
    return images.list();
  }

  @Override
  public ImageTask begin(ImageRequest request) {
    return images.begin(request);
  }

  @Override
  public ImageTask imageTask(String id, long since, Duration wait) {
    return images.task(id, since, wait);
  }

  @Override
  public List<ImageView> remove(ImageRemoval removal) {
    return images.remove(removal);
  }

  @Override
  public List<PruneView> prune(boolean confirm) {
    return followed.prune(confirm);
  }

  @Override
  public List<SourceView> sources() {
    return followed.list();
  }

  @Override
  public void syncSource(String name) {
    followed.sync(name);
  }

  @Override
  public void suspendSource(String name) {
    followed.suspend(name);
  }

  @Override
  public void resumeSource(String name) {
    followed.resume(name);
  }

  @Override
  public SourceView addSource(AddedSource source) {
    return followed.add(source);
  }

  @Override
  public SourceRemoval removeSource(String name, boolean prune) {
    return followed.remove(name, prune);
  }

  @Override
  public void close() {
    images.close();
    onClose.run();
  }
}
