package dev.vmctl.controller;

import dev.vmctl.api.PruneView;
import dev.vmctl.api.SourceRemoval;
import dev.vmctl.api.SourceView;
import dev.vmctl.host.Log;
import dev.vmctl.model.AddedSource;
import dev.vmctl.model.Declaration;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.SourceId;
import dev.vmctl.model.VmEvent;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import dev.vmctl.source.RemoteSource;
import dev.vmctl.source.RemoteState;
import dev.vmctl.source.RemoteState.Standing;
import dev.vmctl.source.Snapshot;
import dev.vmctl.source.Snapshot.Trust;
import dev.vmctl.source.Source;
import dev.vmctl.store.AddedSources;
import java.nio.file.Path;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/** What people ask of the sources an engine follows. */
final class FollowedSources {
  private static final System.Logger log = Log.of(FollowedSources.class);

  private final Engine engine;
  private final SourceOpener opener;
  private final AddedSources added;

  FollowedSources(Engine engine, SourceOpener opener) {
    this.engine = engine;
    this.opener = opener;
    this.added = new AddedSources(engine.parts().data());
  }

  /**
   * Follows what commands have added before; what cannot be followed is unusable until it is found
   * mended. What is configured wins over what was added under the same name.
   */
  synchronized void followAdded() {
    List<Source> wanted = addedBefore();
    unusable().filter(each -> !wanted.contains(each.source())).forEach(engine::leave);
    for (Source source : wanted) {
      Optional<SourceSync> other = sameAs(source);
      if (other.isEmpty()) {
        follow(source);
      } else if (!opener.place(other.get().id()).isEmpty()) {
        log.log(System.Logger.Level.WARNING, "{0} is configured, and was added too", source.name());
      }
    }
  }

  /** Looks again at what could not be followed. */
  void retryUnusable() {
    if (unusable().findAny().isPresent()) {
      followAdded();
    }
  }

  private Stream<SourceSync> unusable() {
    return engine.sources().stream().filter(sync -> sync.source() instanceof UnusableSource);
  }

  private List<Source> addedBefore() {
    Path file = added.file();
    try {
      return added.read().stream().map(this::opened).toList();
    } catch (VmException e) {
      return List.of(
          new UnusableSource(
              SourceId.file(file),
              String.valueOf(file.getFileName()),
              e.getMessage() + "; " + e.help()));
    }
  }

  private Source opened(AddedSources.Entry entry) {
    AddedSource source = entry.source();
    if (source == null) {
      // Which VMs are its own cannot be told either.
      SourceId id = new SourceId(SourceId.Kind.FILE, added.file() + "#" + entry.name());
      return new UnusableSource(id, entry.name(), entry.problem() + anew(entry.name()));
    }
    try {
      return opener.open(source);
    } catch (VmException e) {
      return new UnusableSource(source.id(), source.name(), e.getMessage() + anew(source.name()));
    }
  }

  private static String anew(String name) {
    return "; add it anew, after: vmctl source remove " + name;
  }

  private Optional<SourceSync> sameAs(Source source) {
    return engine.sources().stream()
        .filter(sync -> sync.id().equals(source.id()) || sync.source().name().equals(source.name()))
        .findFirst();
  }

  private SourceSync follow(Source source) {
    SourceSync sync = engine.follow(source);
    if (!(source instanceof UnusableSource)) {
      opener.follow(source);
    }
    return sync;
  }

  /** Kept first: one that is followed and forgotten at the next start would leave its VMs alone. */
  synchronized SourceView add(AddedSource wanted) {
    Source source = opener.open(wanted);
    sameAs(source)
        .ifPresent(
            other -> {
              throw new VmException(
                  ErrorCode.SOURCE_TAKEN,
                  other.source().name() + " is followed already: " + other.id(),
                  "see 'vmctl source list'; give another one another name with --name");
            });
    if (wanted.directory() != null && source.read().trust() == Trust.UNKNOWN) {
      throw new VmException(
          ErrorCode.USAGE,
          wanted.directory() + " cannot be followed: " + source.read().why(),
          "name a directory of VMFiles");
    }
    if (source instanceof RemoteSource remote) {
      remote.resume(); // It may have been followed and suspended before.
    }
    added.add(wanted);
    SourceSync sync = follow(source);
    engine.tell(VmEvent.Type.NORMAL, "SourceAdded", source.id() + " is followed");
    engine.syncSources();
    return view(sync);
  }

  /** Forgotten first: what goes must not be declared anew meanwhile. */
  synchronized SourceRemoval remove(String name, boolean prune) {
    SourceSync sync = find(name);
    String place = opener.place(sync.id());
    if (!place.isEmpty()) {
      throw new VmException(
          ErrorCode.SOURCE_CONFIGURED,
          name + " is no source that was added: it is configured at " + place,
          "take it out there, and start the daemon anew; its VMs stay");
    }
    added.remove(name);
    opener.leave(sync.id());
    engine.leave(sync);
    SourceRemoval removal = sync.end(prune);
    engine.tell(VmEvent.Type.NORMAL, "SourceRemoved", sync.id() + " is not followed any more");
    opener.sweep();
    return removal;
  }

  /** Deletes what was fetched of sources that were removed, once no VM needs it. */
  void sweep() {
    opener.sweep();
  }

  List<SourceView> list() {
    return engine.sources().stream().map(this::view).toList();
  }

  void sync(String name) {
    Source source = find(name).source();
    if (source instanceof RemoteSource remote) {
      remote.sync();
    }
    retryUnusable();
    engine.syncSources();
  }

  List<PruneView> prune(boolean confirm) {
    if (engine.sources().isEmpty()) {
      throw new VmException(
          ErrorCode.SOURCE_NOT_FOUND,
          "nothing is followed here, so nothing waits to be removed",
          "'vmctl up --prune' removes what a VMFile does not declare any more");
    }
    engine.syncSources();
    return engine.sources().stream()
        .flatMap(sync -> (confirm ? sync.prune() : sync.prunable()).stream())
        .toList();
  }

  void suspend(String name) {
    remote(name).suspend();
  }

  void resume(String name) {
    remote(name).resume();
  }

  /** Where a source that is followed declares this VM now. */
  static Optional<Declaration> declaration(Engine engine, SourceId source, VmName vm) {
    return engine.sources().stream()
        .filter(sync -> sync.id().equals(source))
        .flatMap(sync -> sync.source().read().declarations().stream())
        .filter(declaration -> declaration.name().equals(vm))
        .findFirst();
  }

  private RemoteSource remote(String name) {
    if (find(name).source() instanceof RemoteSource remote) {
      return remote;
    }
    throw new VmException(
        ErrorCode.VM_INVALID_STATE,
        "a directory cannot be suspended: " + name,
        "end the daemon, or hold its VMs: vmctl stop NAME");
  }

  private SourceSync find(String name) {
    return engine.sources().stream()
        .filter(sync -> sync.source().name().equals(name))
        .findFirst()
        .orElseThrow(
            () ->
                new VmException(
                    ErrorCode.SOURCE_NOT_FOUND,
                    "no source '" + name + "' is followed",
                    engine.sources().isEmpty()
                        ? "the daemon follows none; see 'vmctl daemon --help'"
                        : "there are: "
                            + engine.sources().stream()
                                .map(sync -> sync.source().name())
                                .collect(Collectors.joining(", "))));
  }

  private SourceView view(SourceSync sync) {
    Source source = sync.source();
    Snapshot last = sync.last();
    String place = opener.place(source.id());
    RemoteState remote = source instanceof RemoteSource from ? from.state() : null;
    return new SourceView(
        source.name(),
        source.id().kind().name().toLowerCase(Locale.ROOT),
        source.id().location(),
        state(sync, remote),
        remote == null || remote.commit().isEmpty() ? null : remote.commit(),
        remote == null || remote.wanted().isEmpty() ? null : remote.wanted(),
        remote == null ? null : remote.reachedAt(),
        last == null ? 0 : last.declarations().size(),
        place.isEmpty() ? null : place,
        problem(sync, remote));
  }

  private static String state(SourceSync sync, @Nullable RemoteState remote) {
    Snapshot last = sync.last();
    if (remote != null && remote.suspended()) {
      return "suspended";
    }
    if (remote != null && remote.standing() != Standing.GOOD) {
      return remote.standing().name().toLowerCase(Locale.ROOT);
    }
    if (last == null || last.trust() == Trust.UNKNOWN) {
      return "unknown";
    }
    return last.trust() == Trust.PARTIAL || !sync.refusals().isEmpty() ? "invalid" : "ok";
  }

  private static String problem(SourceSync sync, @Nullable RemoteState remote) {
    Snapshot last = sync.last();
    if (remote != null && !remote.problem().isEmpty()) {
      return remote.problem();
    }
    if (last == null) {
      return "";
    }
    return last.why().isEmpty()
        ? Stream.concat(
                last.diagnostics().stream()
                    .filter(each -> each.isError())
                    .map(each -> each.place() + ": " + each.message()),
                sync.refusals().stream())
            .findFirst()
            .orElse("")
        : last.why();
  }
}
