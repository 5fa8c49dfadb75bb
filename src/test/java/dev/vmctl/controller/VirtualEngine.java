package dev.vmctl.controller;

import dev.vmctl.api.ApplyRequest;
import dev.vmctl.api.ApplyRequest.Provisioning;
import dev.vmctl.api.ServerInfo;
import dev.vmctl.api.VmStatus;
import dev.vmctl.api.VmStatus.ConditionView;
import dev.vmctl.model.Declaration;
import dev.vmctl.model.SourceId;
import dev.vmctl.model.VmName;
import dev.vmctl.source.Source;
import dev.vmctl.store.VmRecord;
import dev.vmctl.workqueue.VirtualTimeline;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.List;
import java.util.Set;

/** An engine in one thread under virtual time, and what tests ask of it. */
abstract class VirtualEngine {
  static final Path FILE = Path.of("/watched/VMFile.kdl");

  final Path directory;
  final MemoryStore store = new MemoryStore();
  VirtualTimeline timeline = new VirtualTimeline(Instant.parse("2026-01-01T00:00:00Z"));

  @SuppressWarnings("NullAway.Init") // whoever extends this opens one at once
  Engine engine;

  @SuppressWarnings("NullAway.Init") // comes with the engine
  EngineVmctl vmctl;

  VirtualEngine(Path directory) {
    this.directory = directory;
  }

  /** An engine takes the place of the one before. */
  void open(EngineParts parts, EngineSettings settings, List<Source> sources) {
    engine = new Engine(parts, settings, name -> true, sources);
    vmctl =
        new EngineVmctl(
            engine,
            new ServerInfo("test", 1, true, true, directory, List.of()),
            SourceOpener.none(),
            name -> {},
            engine::close);
  }

  void up(Declaration... declarations) {
    vmctl.apply(
        new ApplyRequest(
            SourceId.file(FILE),
            List.of(declarations),
            Set.of(),
            false,
            false,
            Provisioning.AS_NEEDED));
  }

  VmRecord record(String name) {
    return store.read(new VmName(name)).orElseThrow();
  }

  boolean exists(String name) {
    return store.read(new VmName(name)).isPresent();
  }

  VmStatus status(String name) {
    return vmctl.status(new VmName(name));
  }

  ConditionView condition(String name, String type) {
    return status(name).conditions().stream()
        .filter(condition -> condition.type().equals(type))
        .findFirst()
        .orElseThrow();
  }

  boolean isReady(String name) {
    return exists(name) && status(name).summary().ready() && status(name).settled();
  }

  void untilReady(String... names) {
    timeline.until(() -> Set.of(names).stream().allMatch(this::isReady), Duration.ofMinutes(10));
  }
}
