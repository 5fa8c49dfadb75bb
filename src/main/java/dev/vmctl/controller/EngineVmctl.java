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
import dev.vmctl.model.Capabilities.Capability;
import dev.vmctl.model.Declaration;
import dev.vmctl.model.Dependency;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.SourceId;
import dev.vmctl.model.VmEvent;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmState;
import dev.vmctl.store.Cordon;
import dev.vmctl.store.Hold;
import dev.vmctl.store.VmRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.HashSet;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** The API on an engine: records what is asked for and wakes the loop. */
public final class EngineVmctl implements Vmctl {
  private final Engine engine;
  private final ServerInfo info;
  private final Admission admission;
  private final Runnable onClose;
  private final Inspection inspection;
  private final Trash trash;
  private final Snapshots snapshots;
  private final ImageDesk images;
  private final Transfers transfers;
  private final Adoptions adoptions;
  private final FollowedSources followed;
  private final Bystander bystander;

  /**
   * Lets a VM be acted on: the daemon admits every VM, a command's engine takes the VM's lock
   * first.
   */
  @FunctionalInterface
  public interface Admission {
    void admit(VmName name);
  }

  /**
   * @param onClose what closing this closes
   */
  public EngineVmctl(Engine engine, ServerInfo info, Admission admission, Runnable onClose) {
    this.engine = engine;
    this.onClose = onClose;
    this.info = info;
    this.admission = admission;
    Views views =
        new Views(
            engine.parts().data(), engine.parts().hypervisors(), engine.intents(), info.daemon());
    inspection = new Inspection(engine, views);
    trash = new Trash(engine, admission);
    snapshots = new Snapshots(engine);
    images = new ImageDesk(engine.parts());
    adoptions = new Adoptions(engine, admission);
    transfers = new Transfers(engine, admission, info.version());
    followed = new FollowedSources(engine);
    bystander = new Bystander(engine);
  }

  @Override
  public ServerInfo info() {
    return new ServerInfo(
        info.version(),
        info.pid(),
        info.daemon(),
        engine.sourcesReadable() && engine.isAdopted(),
        info.dataDirectory(),
        info.sources());
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
    List<Declaration> chosen = chosen(request);
    chosen.forEach(each -> engine.parts().hypervisors().checkSupported(each.spec()));
    chosen.forEach(each -> engine.room().check(each.spec()));
    chosen.forEach(
        declaration ->
            refuseOthersName(
                engine.store().read(declaration.name()), declaration, request.source()));
    List<VmName> applied = chosen.stream().map(Declaration::name).toList();
    // Everybody takes the VMs' locks in the same order: two commands never wait for each other.
    for (Declaration declaration :
        chosen.stream().sorted(Comparator.comparing(Declaration::name)).toList()) {
      VmName name = declaration.name();
      // The intent first, the VM's lock second: whoever works on it sees the intent and yields.
      engine
          .store()
          .update(
              name,
              record -> {
                // Once more, as somebody may have taken the name since.
                refuseOthersName(Optional.ofNullable(record), declaration, request.source());
                return applied(record, declaration, request);
              });
    }
    // Only when all are written down, as guests are told of each other.
    for (VmName name : applied.stream().sorted().toList()) {
      admission.admit(name);
      engine.wake(name);
    }
    List<VmName> undeclared = request.only().isEmpty() ? undeclared(request) : List.of();
    if (request.prune()) {
      Duration grace = engine.settings().stopGrace();
      engine
          .order()
          .downwards(undeclared)
          .forEach(
              name -> intend(name, record -> engine.intents().undeclared(record, grace, now())));
      return new ApplyResult(applied, undeclared, List.of());
    }
    return new ApplyResult(applied, List.of(), undeclared);
  }

  private VmRecord applied(
      @Nullable VmRecord before, Declaration declaration, ApplyRequest request) {
    Instant now = now();
    Intents intents = engine.intents();
    VmRecord declared = intents.declare(before, declaration, request.source(), true, now);
    VmRecord running =
        request.hold()
            ? intents.hold(
                declared,
                Hold.Kind.STOPPED,
                "created without --start",
                engine.settings().stopGrace(),
                now)
            : intents.run(declared, now);
    return switch (request.provisioning()) {
      case AS_NEEDED -> intents.provisionIfFailed(running, now);
      case AGAIN -> intents.provisionAgain(running, now);
      case SKIP -> intents.provisionNever(running, now);
    };
  }

  private static List<Declaration> chosen(ApplyRequest request) {
    for (VmName name : request.only()) {
      if (request.declarations().stream().noneMatch(d -> d.name().equals(name))) {
        throw new VmException(
            ErrorCode.VM_NOT_FOUND,
            "no VM '" + name + "' is declared in " + request.source(),
            "declared there: " + names(request.declarations()));
      }
    }
    Set<VmName> wanted = withDependencies(request);
    return request.declarations().stream()
        .filter(d -> wanted.isEmpty() || wanted.contains(d.name()))
        .toList();
  }

  /** Those that are asked for, and what they depend on; none for all. */
  private static Set<VmName> withDependencies(ApplyRequest request) {
    Set<VmName> wanted = new HashSet<>(request.only());
    boolean grown = !wanted.isEmpty() && !request.hold();
    while (grown) {
      grown = false;
      for (Declaration declaration : request.declarations()) {
        if (wanted.contains(declaration.name())) {
          for (Dependency each : declaration.spec().policy().dependsOn()) {
            grown |= wanted.add(each.on());
          }
        }
      }
    }
    return wanted;
  }

  private static String names(List<Declaration> declarations) {
    return String.join(", ", declarations.stream().map(d -> d.name().value()).toList());
  }

  private static void refuseOthersName(
      Optional<VmRecord> record, Declaration declaration, SourceId source) {
    if (record.isEmpty()) {
      return;
    }
    SourceId owner = record.get().source();
    boolean byHand = source.kind() == SourceId.Kind.CLI;
    if (byHand || (!owner.equals(source) && isStillThere(owner))) {
      throw new VmException(
          ErrorCode.VM_NAME_TAKEN,
          "there is a VM '" + declaration.name() + "' already, declared by " + owner,
          "choose another name, or remove that VM first: vmctl destroy " + declaration.name());
    }
  }

  /** A VMFile that was moved hands its VMs over to where it is now. */
  private static boolean isStillThere(SourceId owner) {
    return switch (owner.kind()) {
      case CLI -> !owner.equals(SourceId.restored());
      case DIRECTORY, FILE -> Files.exists(Path.of(owner.location()));
      // Nobody can tell from here whether it is.
      case GIT -> true;
    };
  }

  private List<VmName> undeclared(ApplyRequest request) {
    if (request.source().kind() == SourceId.Kind.CLI) {
      return List.of();
    }
    List<VmName> gone = new ArrayList<>();
    for (VmName name : engine.store().names()) {
      boolean declared = request.declarations().stream().anyMatch(d -> d.name().equals(name));
      engine
          .read(name)
          .filter(record -> !declared && record.removal() == null)
          .filter(record -> record.source().equals(request.source()))
          .ifPresent(record -> gone.add(name));
    }
    return gone;
  }

  @Override
  public void start(VmName name) {
    // As with a unit of systemd: who wants it to run wants what it needs to run.
    for (VmName needed : engine.order().dependencies(inspection.record(name))) {
      intend(needed, record -> engine.intents().run(record, now()));
    }
    intend(name, record -> engine.intents().run(record, now()));
  }

  @Override
  public void stop(VmName name, Duration grace) {
    intend(
        name,
        record -> engine.intents().hold(record, Hold.Kind.STOPPED, "vmctl stop", grace, now()));
  }

  @Override
  public void drain(VmName name, Duration grace) {
    String boot = engine.parts().bootId();
    intend(name, record -> engine.intents().drain(record, grace, boot, now()));
  }

  @Override
  public void cordon(String reason) {
    if (new Cordon(engine.parts().data()).set(now(), reason)) {
      engine.events().normal(null, "Cordoned", "nothing new is started here" + because(reason));
    }
  }

  private static String because(String reason) {
    return reason.isEmpty() ? "" : ": " + reason;
  }

  @Override
  public void uncordon() {
    if (new Cordon(engine.parts().data()).lift()) {
      engine.events().normal(null, "Uncordoned", "what is to run is started again");
      engine.resync();
    }
  }

  @Override
  public void suspend(VmName name) {
    VmRecord record = inspection.record(name);
    Preflight.require(engine.parts().hypervisors().of(record.desired().spec()), Capability.SUSPEND);
    if (Views.state(record, engine.seen(record)) != VmState.RUNNING) {
      throw new VmException(
          ErrorCode.VM_INVALID_STATE,
          name + " does not run: there is nothing to suspend",
          "start it first: vmctl start " + name);
    }
    intend(
        name,
        before ->
            engine
                .intents()
                .hold(
                    before,
                    Hold.Kind.SUSPENDED,
                    "vmctl suspend",
                    engine.settings().stopGrace(),
                    now()));
  }

  @Override
  public void suspendToDisk(VmName name, boolean untilBoot) {
    intend(name, record -> snapshots.suspendToDisk(record, untilBoot));
  }

  @Override
  public void discardMemory(VmName name) {
    intend(name, snapshots::discard);
  }

  @Override
  public SnapshotsView snapshots(VmName name) {
    return snapshots.view(inspection.record(name));
  }

  @Override
  public void takeSnapshot(VmName name, SnapshotRequest request) {
    carryOn(name);
    intend(name, record -> snapshots.take(record, request));
  }

  @Override
  public void restoreSnapshot(VmName name, SnapshotRequest request) {
    carryOn(name);
    intend(name, record -> snapshots.restore(record, request));
  }

  @Override
  public void deleteSnapshot(VmName name, String snapshot) {
    carryOn(name);
    intend(name, record -> snapshots.delete(record, snapshot));
  }

  /** What a command before us was asked to do with a snapshot, and did not live to, is done. */
  private void carryOn(VmName name) {
    if (inspection.record(name).hasTask()) {
      admission.admit(name);
      engine.wake(name);
    }
  }

  @Override
  public CloneView cloneVm(VmName name, CloneRequest request) {
    VmRecord of = inspection.record(name);
    Cloning cloning = engine.cloning();
    String snapshot = Cloning.snapshot(request);
    cloning.check(of, request);
    if (request.snapshot() == null) {
      snapshots.take(of, new SnapshotRequest(snapshot, true, false));
    }
    List<String> notes = new ArrayList<>();
    VmRecord clone = cloning.record(of, request, notes, engine.settings().stopGrace());
    // The snapshot first: a clone without it would be one of nothing.
    if (request.snapshot() == null) {
      engine
          .store()
          .change(name, now -> snapshots.take(now, new SnapshotRequest(snapshot, true, false)));
    }
    engine
        .store()
        .update(
            request.to(),
            taken -> {
              if (taken != null) {
                throw Cloning.taken(request.to());
              }
              return clone;
            });
    List<VmName> both = Stream.of(name, request.to()).sorted().toList();
    both.forEach(admission::admit);
    both.forEach(engine::wake);
    return cloning.view(of, request, notes);
  }

  @Override
  public void resume(VmName name) {
    VmRecord record = inspection.record(name);
    if (!record.isHeld(Hold.Kind.SUSPENDED) && !record.isHeld(Hold.Kind.SUSPENDED_TO_DISK)) {
      throw new VmException(
          ErrorCode.VM_INVALID_STATE,
          name + " is not suspended",
          "see its state with 'vmctl status " + name + "'");
    }
    intend(name, before -> engine.intents().resume(before, now()));
  }

  @Override
  public void destroy(VmName name, boolean purge) {
    refuseIfDeclared(
        inspection.record(name),
        "remove it there, and it goes to the trash by itself; or hold it stopped: vmctl stop "
            + name);
    remove(name, purge, "Destroyed");
  }

  /** By a source that is followed: it would have the VM back at once. */
  private void refuseIfDeclared(VmRecord record, String help) {
    SourceId source = record.source();
    switch (source.kind()) {
      case DIRECTORY -> refuse(declaredIn(Path.of(source.location()), record.name()), help);
      case GIT -> refuse(followed.declaration(source, record.name()), help);
      case FILE, CLI -> {}
    }
  }

  private Optional<Declaration> declaredIn(Path directory, VmName name) {
    return engine.parts().directories().apply(directory).read().declarations().stream()
        .filter(declaration -> declaration.name().equals(name))
        .findFirst();
  }

  private static void refuse(Optional<Declaration> declared, String help) {
    declared.ifPresent(
        declaration -> {
          throw new VmException(
              ErrorCode.VM_STILL_DECLARED,
              declaration.name()
                  + " is still declared at "
                  + declaration.file()
                  + ":"
                  + declaration.line()
                  + ", it would come back at once",
              help);
        });
  }

  @Override
  public List<AdoptView> adopt(AdoptRequest request) {
    return adoptions.adopt(request);
  }

  @Override
  public ReleaseView release(VmName name) {
    VmRecord record = inspection.record(name);
    refuseIfDeclared(
        record,
        "let it say lifecycle { on-remove \"orphan\" }, remove it there, and release it then");
    ReleaseView view = engine.releases().view(record, engine.seen(record));
    intend(name, before -> engine.intents().release(before, now()));
    return view;
  }

  private void remove(VmName name, boolean purge, String reason) {
    intend(name, record -> engine.intents().remove(record, purge, reason, now()));
  }

  @Override
  public void approve(VmName name) {
    intend(name, record -> engine.intents().approve(record, now()));
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
  public RollbackView rollback(VmName name, @Nullable Long generation) {
    VmRecord record = inspection.record(name);
    SnapshotRules.refuseMemoryLoss(record, "another disk");
    RollbackView view = engine.rollback().to(record, generation, engine.seen(record));
    admission.admit(name);
    engine.wake(name);
    return view;
  }

  @Override
  public void reload(VmName name, boolean provision) {
    intend(
        name,
        record -> {
          SnapshotRules.refuseMemoryLoss(record, "a new disk");
          return engine.intents().renew(record, provision, now());
        });
  }

  @Override
  public void provision(VmName name) {
    VmRecord record = inspection.record(name);
    if (record.desired().spec().provision().isEmpty()) {
      throw new VmException(
          ErrorCode.VM_INVALID_STATE,
          name + " has no provision steps",
          "add provision nodes to its VMFile and run 'vmctl up'");
    }
    if (Views.state(record, engine.seen(record)) != VmState.RUNNING) {
      throw new VmException(
          ErrorCode.VM_INVALID_STATE,
          name + " does not run: it cannot be provisioned",
          "start it first: vmctl start " + name);
    }
    intend(name, before -> engine.intents().provisionAgain(before, now()));
  }

  private void intend(VmName name, UnaryOperator<VmRecord> intent) {
    inspection.record(name);
    engine.store().update(name, record -> record == null ? null : intent.apply(record));
    admission.admit(name);
    engine.wake(name);
  }

  @Override
  public Changes changes(Set<VmName> names, long since, Duration wait) {
    return inspection.changes(names, since, wait);
  }

  @Override
  public List<VmEvent> events(EventQuery query) {
    return inspection.events(query);
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
  public void label(VmName name, LabelChange change) {
    inspection.record(name);
    engine
        .store()
        .update(
            name, record -> record == null ? null : engine.intents().label(record, change, now()));
    // Nothing has to be done for it; only a daemon has those to tell who look on.
    if (info.daemon()) {
      engine.wake(name);
    }
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

  private Instant now() {
    return engine.parts().timeline().now();
  }

  @Override
  public void close() {
    images.close();
    onClose.run();
  }
}
