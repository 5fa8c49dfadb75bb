package dev.vmctl;

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
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;
import java.util.concurrent.CountDownLatch;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.locks.ReadWriteLock;
import java.util.concurrent.locks.ReentrantReadWriteLock;
import java.util.function.Consumer;
import java.util.function.Function;
import java.util.function.Supplier;
import org.jspecify.annotations.Nullable;

/**
 * The API of a daemon that starts while commands still work on its VMs. Until those have ended a
 * recorder answers: questions at once, and intents are recorded, where the commands' engines see
 * them. What acts by itself (the trash) waits. Then the engine takes the recorder's place.
 */
final class StartingVmctl implements Vmctl {
  /** Less than a client waits for an answer. */
  private static final Duration PATIENCE = Duration.ofSeconds(50);

  private final Runnable onClose;
  private final Supplier<String> whom;
  private final ReadWriteLock handing = new ReentrantReadWriteLock(true);
  private final CountDownLatch handedOver = new CountDownLatch(1);
  private volatile Vmctl now;

  /**
   * @param whom who is waited for, for people
   * @param onClose what closing this closes
   */
  StartingVmctl(Vmctl recorder, Supplier<String> whom, Runnable onClose) {
    this.now = recorder;
    this.whom = whom;
    this.onClose = onClose;
  }

  /** Lets the engine take over; while it opens nothing is recorded. The recorder is closed. */
  void handOver(Supplier<Vmctl> engine) {
    handing.writeLock().lock();
    try {
      Vmctl recorder = now;
      now = engine.get();
      recorder.close();
    } finally {
      handing.writeLock().unlock();
    }
    handedOver.countDown();
  }

  @Override
  public ServerInfo info() {
    ServerInfo info = now.info();
    return new ServerInfo(
        info.version(),
        info.pid(),
        true,
        info.ready() && handedOver.getCount() == 0,
        info.dataDirectory(),
        info.sources());
  }

  @Override
  public List<VmSummary> list() {
    return now.list();
  }

  @Override
  public VmStatus status(VmName name) {
    return now.status(name);
  }

  @Override
  public PlanView plan(ApplyRequest request) {
    return now.plan(request);
  }

  @Override
  public ApplyResult apply(ApplyRequest request) {
    return recorded(vmctl -> vmctl.apply(request));
  }

  @Override
  public void start(VmName name) {
    record(vmctl -> vmctl.start(name));
  }

  @Override
  public void stop(VmName name, Duration grace) {
    record(vmctl -> vmctl.stop(name, grace));
  }

  @Override
  public void drain(VmName name, Duration grace) {
    record(vmctl -> vmctl.drain(name, grace));
  }

  @Override
  public void cordon(String reason) {
    record(vmctl -> vmctl.cordon(reason));
  }

  @Override
  public void uncordon() {
    record(Vmctl::uncordon);
  }

  @Override
  public void suspend(VmName name) {
    record(vmctl -> vmctl.suspend(name));
  }

  @Override
  public void suspendToDisk(VmName name, boolean untilBoot) {
    record(vmctl -> vmctl.suspendToDisk(name, untilBoot));
  }

  @Override
  public void discardMemory(VmName name) {
    record(vmctl -> vmctl.discardMemory(name));
  }

  @Override
  public SnapshotsView snapshots(VmName name) {
    return now.snapshots(name);
  }

  @Override
  public void takeSnapshot(VmName name, SnapshotRequest request) {
    record(vmctl -> vmctl.takeSnapshot(name, request));
  }

  @Override
  public void restoreSnapshot(VmName name, SnapshotRequest request) {
    record(vmctl -> vmctl.restoreSnapshot(name, request));
  }

  @Override
  public void deleteSnapshot(VmName name, String snapshot) {
    record(vmctl -> vmctl.deleteSnapshot(name, snapshot));
  }

  @Override
  public CloneView cloneVm(VmName name, CloneRequest request) {
    return acting().cloneVm(name, request);
  }

  @Override
  public void resume(VmName name) {
    record(vmctl -> vmctl.resume(name));
  }

  @Override
  public void destroy(VmName name, boolean purge) {
    record(vmctl -> vmctl.destroy(name, purge));
  }

  @Override
  public void approve(VmName name) {
    record(vmctl -> vmctl.approve(name));
  }

  @Override
  public HistoryView history(VmName name) {
    return now.history(name);
  }

  @Override
  public DiffView diff(VmName name, @Nullable Long generation) {
    return now.diff(name, generation);
  }

  @Override
  public RollbackView rollback(VmName name, @Nullable Long generation) {
    return recorded(vmctl -> vmctl.rollback(name, generation));
  }

  @Override
  public void reload(VmName name, boolean provision) {
    record(vmctl -> vmctl.reload(name, provision));
  }

  @Override
  public void provision(VmName name) {
    record(vmctl -> vmctl.provision(name));
  }

  @Override
  public Changes changes(Set<VmName> names, long since, Duration wait) {
    return now.changes(names, since, wait);
  }

  @Override
  public EventPage events(EventQuery query) {
    return now.events(query);
  }

  @Override
  public EventPage eventsAfter(long place, Duration wait) {
    return now.eventsAfter(place, wait);
  }

  @Override
  public LogChunk log(VmName name, LogKind kind, long offset, Duration wait) {
    return now.log(name, kind, offset, wait);
  }

  @Override
  public long logOffset(VmName name, LogKind kind, Instant since) {
    return now.logOffset(name, kind, since);
  }

  @Override
  public long startProgram(VmName name, ProgramRequest request) {
    return now.startProgram(name, request);
  }

  @Override
  public ProgramView program(VmName name, long id, Duration wait) {
    return now.program(name, id, wait);
  }

  @Override
  public byte[] screenshot(VmName name) {
    return now.screenshot(name);
  }

  @Override
  public void label(VmName name, LabelChange change) {
    record(vmctl -> vmctl.label(name, change));
  }

  @Override
  public SshAccess ssh(VmName name) {
    return now.ssh(name);
  }

  @Override
  public ConsoleAccess console(VmName name) {
    return now.console(name);
  }

  @Override
  public ExportView exportVm(VmName name, Path archive) {
    return acting().exportVm(name, archive);
  }

  @Override
  public VmName importVm(Path archive, @Nullable VmName as) {
    return acting().importVm(archive, as);
  }

  @Override
  public void rename(VmName from, VmName to) {
    acting().rename(from, to);
  }

  @Override
  public List<AdoptView> adopt(AdoptRequest request) {
    return request.dryRun() ? now.adopt(request) : acting().adopt(request);
  }

  @Override
  public ReleaseView release(VmName name) {
    return recorded(vmctl -> vmctl.release(name));
  }

  @Override
  public List<ImageView> images() {
    return now.images();
  }

  @Override
  public ImageTask begin(ImageRequest request) {
    return acting().begin(request);
  }

  @Override
  public ImageTask imageTask(String id, long since, Duration wait) {
    return now.imageTask(id, since, wait);
  }

  @Override
  public List<ImageView> remove(ImageRemoval removal) {
    return acting().remove(removal);
  }

  @Override
  public List<TrashView> trash() {
    return now.trash();
  }

  @Override
  public VmName restore(String trashId) {
    return acting().restore(trashId);
  }

  @Override
  public int emptyTrash(List<String> ids) {
    return acting().emptyTrash(ids);
  }

  @Override
  public List<PruneView> prune(boolean confirm) {
    return acting().prune(confirm);
  }

  @Override
  public List<SourceView> sources() {
    return now.sources();
  }

  @Override
  public void syncSource(String name) {
    acting().syncSource(name);
  }

  @Override
  public void suspendSource(String name) {
    acting().suspendSource(name);
  }

  @Override
  public void resumeSource(String name) {
    acting().resumeSource(name);
  }

  @Override
  public SourceView addSource(AddedSource source) {
    return acting().addSource(source);
  }

  @Override
  public SourceRemoval removeSource(String name, boolean prune) {
    return acting().removeSource(name, prune);
  }

  @Override
  public void close() {
    onClose.run();
  }

  private void record(Consumer<Vmctl> intent) {
    recorded(
        vmctl -> {
          intent.accept(vmctl);
          return true;
        });
  }

  private <T> T recorded(Function<Vmctl, T> intent) {
    handing.readLock().lock();
    try {
      return intent.apply(now);
    } finally {
      handing.readLock().unlock();
    }
  }

  /** The engine, once it has taken over. */
  private Vmctl acting() {
    try {
      if (handedOver.await(PATIENCE.toMillis(), TimeUnit.MILLISECONDS)) {
        return now;
      }
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
    }
    throw new VmException(
        ErrorCode.STORE_LOCKED,
        "the daemon does not act yet: it waits for " + whom.get(),
        "wait for it to end, or end it with Ctrl-C; its VMs run on");
  }
}
