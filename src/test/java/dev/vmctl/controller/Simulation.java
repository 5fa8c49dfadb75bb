package dev.vmctl.controller;

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
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.function.Consumer;

/** The whole engine on a {@link FakeWorld}. */
final class Simulation extends VirtualEngine {
  static final SourceId DIRECTORY = SourceId.directory(Path.of("/watched"));

  final FakeWorld world = new FakeWorld(timeline);
  final List<Declaration> declared = new ArrayList<>();
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

  Simulation(Path directory, long seed) {
    this(directory, seed, EnginePolicy.STANDARD);
  }

  Simulation(Path directory, long seed, EnginePolicy policy) {
    super(directory);
    this.policy = policy;
    random = new Random(seed);
    try {
      Files.createDirectories(directory);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    world.images.present.add("/images/base.qcow2");
    open();
  }

  /** The engine is killed and started again; the world goes on. */
  void restart() {
    engine.close();
    world.hypervisor.forgetEngines();
    open();
    engine.start();
  }

  /** The host loses its power: engine and guests are gone at once; then it boots. */
  void reboot() {
    engine.close();
    world.hypervisor.forgetEngines();
    world.hypervisor.processes.clear();
    boot += "+";
    world.hypervisor.boot = boot;
    open();
    engine.start();
  }

  private void open() {
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
    open(parts, EngineSettings.standard().withPolicy(policy), List.of(source));
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
