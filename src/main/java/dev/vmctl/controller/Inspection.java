package dev.vmctl.controller;

import dev.vmctl.api.ApplyRequest;
import dev.vmctl.api.Changes;
import dev.vmctl.api.ConsoleAccess;
import dev.vmctl.api.EventPage;
import dev.vmctl.api.EventQuery;
import dev.vmctl.api.LogChunk;
import dev.vmctl.api.LogKind;
import dev.vmctl.api.PlanView;
import dev.vmctl.api.SshAccess;
import dev.vmctl.api.VmStatus;
import dev.vmctl.api.VmSummary;
import dev.vmctl.guest.GuestFacts;
import dev.vmctl.guest.Guests;
import dev.vmctl.guest.SshTarget;
import dev.vmctl.host.Log;
import dev.vmctl.hypervisor.ConsoleEndpoint;
import dev.vmctl.hypervisor.Hypervisor;
import dev.vmctl.hypervisor.Observation;
import dev.vmctl.model.Declaration;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.NearestName;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import dev.vmctl.plan.FieldChange;
import dev.vmctl.plan.HeldBack;
import dev.vmctl.plan.Plan;
import dev.vmctl.plan.Situation.Seen;
import dev.vmctl.store.EventJournal;
import dev.vmctl.store.Pin;
import dev.vmctl.store.VmRecord;
import java.net.InetSocketAddress;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.HashSet;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;
import org.jspecify.annotations.Nullable;

/** Answers questions; changes nothing. */
final class Inspection {
  private static final System.Logger log = Log.of(Inspection.class);

  /** How long a look at what runs may take. */
  private static final Duration LOOK = Duration.ofSeconds(2);

  private static final Duration AGENT_PATIENCE = Duration.ofMillis(200);

  private final Engine engine;
  private final Views views;

  Inspection(Engine engine, Views views) {
    this.engine = engine;
    this.views = views;
  }

  List<VmSummary> list() {
    List<VmSummary> all = new ArrayList<>();
    for (VmName name : engine.store().names()) {
      all.add(
          engine
              .read(name)
              .map(record -> views.summary(record, engine.seen(record)))
              .orElseGet(() -> views.unreadable(name)));
    }
    return all;
  }

  VmStatus status(VmName name) {
    VmRecord record = record(name);
    Observation seen = engine.seen(record);
    Hypervisor hypervisor = engine.parts().hypervisors().of(Observing.specThatRuns(record));
    boolean ask = engine.runtime(name).seen == null && seen instanceof Observation.Running;
    return status(record, seen, ask ? askAgent(record) : known(record))
        .withFields(
            ThreeWays.of(
                record,
                engine.observing().plan(record, hypervisor, seen).changes(),
                running(record, hypervisor, seen)));
  }

  /** What its hypervisor tells of what runs; a hypervisor that does not answer tells nothing. */
  private Map<String, String> running(VmRecord record, Hypervisor hypervisor, Observation seen) {
    if (!(seen instanceof Observation.Running)) {
      return Map.of();
    }
    try {
      return hypervisor.running(engine.observing().handle(record), LOOK);
    } catch (VmException e) {
      log.log(
          System.Logger.Level.DEBUG,
          "{0} does not tell what it has: {1}",
          record.name(),
          e.getMessage());
      return Map.of();
    }
  }

  private VmStatus status(VmRecord record) {
    return status(record, engine.seen(record), known(record));
  }

  private VmStatus status(VmRecord record, Observation seen, VmStatus.@Nullable GuestView guest) {
    VmRuntime runtime = engine.runtime(record.name());
    String screen =
        engine
            .parts()
            .hypervisors()
            .of(Observing.specThatRuns(record))
            .screen(engine.observing().handle(record))
            .orElse(null);
    return views.status(
        record,
        seen,
        engine.activity(record.name()),
        Failures.isPersistent(runtime),
        screen,
        guest);
  }

  private VmStatus.@Nullable GuestView known(VmRecord record) {
    return Views.guest(record, engine.runtime(record.name()).facts);
  }

  /** Where no engine has asked it, a bystander does; one that runs answers at once. */
  private VmStatus.@Nullable GuestView askAgent(VmRecord record) {
    Optional<Path> agent =
        engine
            .parts()
            .hypervisors()
            .of(Observing.specThatRuns(record))
            .agent(engine.observing().handle(record));
    if (agent.isEmpty()) {
      return null;
    }
    CompletableFuture<GuestFacts> facts = engine.parts().guests().facts(agent.get());
    try {
      return Views.view(facts.get(AGENT_PATIENCE.toMillis(), TimeUnit.MILLISECONDS));
    } catch (TimeoutException | ExecutionException none) {
      return null;
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      return null;
    } finally {
      facts.cancel(true);
    }
  }

  /**
   * @throws VmException vm.not_found, with the nearest names
   */
  VmRecord record(VmName name) {
    return engine.store().read(name).orElseThrow(() -> notFound(name));
  }

  private VmException notFound(VmName name) {
    List<String> names = engine.store().names().stream().map(VmName::value).toList();
    List<String> near = NearestName.allNear(name.value(), names);
    return new VmException(
        ErrorCode.VM_NOT_FOUND,
        "there is no VM '" + name + "'",
        near.isEmpty()
            ? "'vmctl list' shows those that there are"
            : "did you mean " + String.join(" or ", near) + "?");
  }

  PlanView plan(ApplyRequest request) {
    List<PlanView.VmPlan> plans = new ArrayList<>();
    Set<VmName> declared = new HashSet<>();
    for (Declaration declaration : request.declarations()) {
      declared.add(declaration.name());
      if (request.only().isEmpty() || request.only().contains(declaration.name())) {
        plans.add(plan(declaration, request));
      }
    }
    if (request.prune()) {
      for (VmName name : engine.store().names()) {
        engine
            .read(name)
            .filter(record -> record.source().equals(request.source()) && !declared.contains(name))
            .ifPresent(
                record ->
                    plans.add(
                        new PlanView.VmPlan(
                            name.value(),
                            "destroy",
                            "no longer declared; its disk goes to the trash",
                            List.of())));
      }
    }
    return new PlanView(plans);
  }

  private PlanView.VmPlan plan(Declaration declaration, ApplyRequest request) {
    engine.parts().hypervisors().checkSupported(declaration.spec());
    engine.room().check(declaration.spec());
    Intents intents = engine.intents();
    Instant now = engine.parts().timeline().now();
    VmRecord before = engine.store().read(declaration.name()).orElse(null);
    VmRecord after =
        intents.run(intents.declare(before, declaration, request.source(), true, now), now);
    Hypervisor hypervisor = engine.parts().hypervisors().of(Observing.specThatRuns(after));
    Observation seen = before == null ? new Observation.Absent() : engine.seen(before);
    HeldBack heldBack = engine.observing().heldBack(after, hypervisor);
    Plan plan = engine.observing().plan(Observing.without(after, heldBack), hypervisor, seen);
    List<FieldChange> changes = new ArrayList<>(plan.changes());
    changes.addAll(heldBack.changes());
    String reason = plan.next().map(action -> action.reason()).orElse(plan.waiting());
    if (!heldBack.changes().isEmpty()) {
      String waits = heldBack.text() + " waits for 'vmctl apply " + declaration.name() + "'";
      reason = reason.isEmpty() ? waits : reason + "; " + waits;
    }
    Pin pin = after.desired().pin();
    if (pin != null) {
      String pinned = "rolled back to generation " + pin.to() + ", until the next edit";
      reason = reason.isEmpty() ? pinned : reason + "; " + pinned;
    }
    return new PlanView.VmPlan(
        declaration.name().value(),
        plan.summary(),
        reason,
        changes.stream().map(Inspection::view).toList());
  }

  static PlanView.FieldChange view(FieldChange change) {
    return new PlanView.FieldChange(
        change.field().path(), change.from(), change.to(), change.change().text());
  }

  Changes changes(Set<VmName> names, long since, Duration wait) {
    if (!engine.watchers().knows(since)) {
      Watchers.Changed now = engine.watchers().await(names, Long.MAX_VALUE, Duration.ZERO);
      return changes(
          now.version(), names.isEmpty() ? Set.copyOf(engine.store().names()) : names, true);
    }
    Watchers.Changed changed = engine.watchers().await(names, since, wait);
    return changes(changed.version(), changed.names(), false);
  }

  private Changes changes(long version, Set<VmName> names, boolean whole) {
    List<VmStatus> present = new ArrayList<>();
    List<String> gone = new ArrayList<>();
    for (VmName name : names.stream().sorted().toList()) {
      engine
          .read(name)
          .ifPresentOrElse(record -> present.add(status(record)), () -> gone.add(name.value()));
    }
    return new Changes(version, present, gone, whole);
  }

  EventPage events(EventQuery query) {
    EventJournal.Told told = engine.parts().journal().after(0).aggregated();
    return new EventPage(
        told.events().stream()
            .filter(event -> query.vm() == null || query.vm().equals(event.vm()))
            .filter(event -> query.since() == null || !event.time().isBefore(query.since()))
            .toList(),
        told.next());
  }

  EventPage eventsAfter(long place, Duration wait) {
    EventJournal.Told told = engine.parts().journal().await(place, wait);
    return new EventPage(told.events(), told.next());
  }

  LogChunk log(VmName name, LogKind kind, long offset, Duration wait) {
    record(name);
    return LogFiles.read(LogFiles.path(engine.parts().data().vm(name), kind), offset, wait);
  }

  long logOffset(VmName name, LogKind kind, Instant since) {
    record(name);
    return LogFiles.since(LogFiles.path(engine.parts().data().vm(name), kind), kind, since);
  }

  SshAccess ssh(VmName name) {
    VmRecord record = record(name);
    if (Observing.seen(engine.seen(record)) != Seen.RUNNING) {
      throw notReachable(record);
    }
    VmSpec spec = Observing.specThatRuns(record);
    InetSocketAddress address =
        engine
            .parts()
            .hypervisors()
            .of(spec)
            .ssh(engine.observing().handle(record))
            .orElseThrow(() -> notReachable(record));
    Path directory = engine.parts().data().vm(name);
    SshTarget target = Reaching.ssh(record, spec, address, directory, Duration.ofSeconds(30));
    return new SshAccess(
        target.host(),
        target.port(),
        target.user(),
        engine.parts().guests().privateKeys(target),
        directory.resolve(Guests.KNOWN_HOSTS),
        SshTarget.hostKeyAlias(name),
        !target.trustFirst());
  }

  private static VmException notReachable(VmRecord record) {
    return record.isSuspended()
        ? Bystander.notRunning(record)
        : new VmException(
            ErrorCode.VM_INVALID_STATE,
            record.name() + " does not run, or has no network to reach it by",
            Bystander.start(record));
  }

  ConsoleAccess console(VmName name) {
    VmRecord record = record(name);
    Path log = LogFiles.path(engine.parts().data().vm(name), LogKind.CONSOLE);
    ConsoleEndpoint endpoint =
        engine
            .parts()
            .hypervisors()
            .of(Observing.specThatRuns(record))
            .console(engine.observing().handle(record));
    return switch (endpoint) {
      case ConsoleEndpoint.UnixSocket(Path socket) -> new ConsoleAccess(socket, log);
      case ConsoleEndpoint.Device(Path device) -> new ConsoleAccess(device, log);
      case ConsoleEndpoint.WebSocket socket ->
          new ConsoleAccess(
              null, log, new ConsoleAccess.WebSocketAccess(socket.uri(), socket.headers()));
      case ConsoleEndpoint.None none -> throw noConsole(name);
    };
  }

  private static VmException noConsole(VmName name) {
    return new VmException(
        ErrorCode.CAPABILITY_MISSING,
        name + " has no serial console that can be opened here",
        "see what it wrote with 'vmctl log " + name + " --console'");
  }
}
