package dev.vmctl.controller;

import dev.vmctl.api.ApplyRequest;
import dev.vmctl.api.ApplyRequest.Provisioning;
import dev.vmctl.api.ServerInfo;
import dev.vmctl.api.VmStatus;
import dev.vmctl.hypervisor.HypervisorRouter;
import dev.vmctl.model.BackendTag;
import dev.vmctl.model.Declaration;
import dev.vmctl.model.EnginePolicy;
import dev.vmctl.model.FieldValues;
import dev.vmctl.model.ProvisionStep;
import dev.vmctl.model.SourceId;
import dev.vmctl.model.SshSpec;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import dev.vmctl.source.Snapshot;
import dev.vmctl.source.Source;
import dev.vmctl.store.DataDirectory;
import dev.vmctl.store.EventJournal;
import dev.vmctl.store.VmRecord;
import dev.vmctl.workqueue.VirtualTimeline;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/** The whole engine in one thread under virtual time, on a {@link FakeWorld}. */
final class Simulation {
  static final SourceId DIRECTORY = SourceId.directory(Path.of("/watched"));
  static final Path FILE = Path.of("/watched/VMFile.kdl");

  final VirtualTimeline timeline = new VirtualTimeline(Instant.parse("2026-01-01T00:00:00Z"));
  final FakeWorld world = new FakeWorld(timeline);
  final MemoryStore store = new MemoryStore();
  final List<Declaration> declared = new ArrayList<>();
  private final Path directory;
  private final Random random;
  private final EnginePolicy policy;
  private final Source source = watched();

  /** What the watched directory answers when looked at. */
  Snapshot.Trust trust = Snapshot.Trust.COMPLETE;

  /** This boot of the host. */
  String boot = "boot";

  /** Which directory it is. */
  String identity = "1:1";

  /** How often the source was read. */
  int reads;

  Engine engine;
  EngineVmctl vmctl;

  Simulation(Path directory, long seed) {
    this(directory, seed, EnginePolicy.STANDARD);
  }

  Simulation(Path directory, long seed, EnginePolicy policy) {
    this.directory = directory;
    this.policy = policy;
    random = new Random(seed);
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    world.images.present.add("/images/base.qcow2");
    engine = open();
    vmctl = api(engine);
  }

  /** The engine is killed and started again; the world goes on. */
  void restart() {
    engine.close();
    world.hypervisor.forgetEngines();
    engine = open();
    vmctl = api(engine);
    engine.start();
  }

  /** The host loses its power: engine and guests are gone at once; then it boots. */
  void reboot() {
    engine.close();
    world.hypervisor.forgetEngines();
    world.hypervisor.processes.clear();
    boot += "+";
    world.hypervisor.boot = boot;
    engine = open();
    vmctl = api(engine);
    engine.start();
  }

  private Engine open() {
    EngineParts parts =
        new EngineParts(
            timeline,
            random,
            new DataDirectory(directory),
            directory.resolve("run"),
            boot,
            store,
            new EventJournal(directory.resolve("events.jsonl")),
            new HypervisorRouter(BackendTag.QEMU, List.of(world.hypervisor)),
            world.images,
            world.disks,
            world.guests,
            world,
            path -> source,
            Observer.none());
    return new Engine(
        parts, EngineSettings.standard().withPolicy(policy), name -> true, List.of(source));
  }

  private Source watched() {
    return new Source() {
      @Override
      public SourceId id() {
        return DIRECTORY;
      }

      @Override
      public Snapshot read() {
        reads++;
        return new Snapshot(
            DIRECTORY,
            trust,
            trust == Snapshot.Trust.UNKNOWN ? "it is gone" : "",
            identity,
            trust == Snapshot.Trust.UNKNOWN ? List.of() : declared,
            Set.of(),
            Set.of(FILE),
            List.of());
      }
    };
  }

  private EngineVmctl api(Engine of) {
    return new EngineVmctl(
        of,
        new ServerInfo("test", 1, true, true, directory, List.of()),
        SourceOpener.none(),
        name -> {},
        of::close);
  }

  static Declaration vm(String name, Consumer<FieldValues> fields) {
    FieldValues values = new FieldValues();
    values.put(VmFields.IMAGE, Path.of("/images/base.qcow2"));
    values.put(VmFields.SSH_USER, SshSpec.DEFAULT_USER);
    fields.accept(values);
    return new Declaration(VmSpec.of(new VmName(name), values), FILE, 1, Map.of());
  }

  static Declaration vm(String name) {
    return vm(name, values -> {});
  }

  static Declaration withSteps(String name, String... scripts) {
    List<ProvisionStep> steps = new ArrayList<>();
    for (String script : scripts) {
      steps.add(new ProvisionStep.Inline(script));
    }
    return vm(name, values -> values.put(VmFields.PROVISION, steps));
  }

  /** The watched directory declares these, and says so. */
  void declare(Declaration... declarations) {
    declared.clear();
    declared.addAll(List.of(declarations));
    engine.syncSources();
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

  boolean isReady(String name) {
    return exists(name) && status(name).summary().ready() && status(name).settled();
  }

  void untilReady(String... names) {
    timeline.until(() -> Set.of(names).stream().allMatch(this::isReady), Duration.ofMinutes(10));
  }

  boolean isUp(String name) {
    return world.hypervisor.processes.containsKey(record(name).uuid());
  }

  FakeProcess process(String name) {
    return Objects.requireNonNull(world.hypervisor.processes.get(record(name).uuid()));
  }

  UUID disk(String name) {
    return Objects.requireNonNull(record(name).applied()).diskId();
  }

  VmStatus.Failure failure(String name) {
    return Objects.requireNonNull(status(name).failure());
  }

  List<String> events() {
    return engine.parts().journal().read().stream().map(event -> event.reason()).toList();
  }
}
