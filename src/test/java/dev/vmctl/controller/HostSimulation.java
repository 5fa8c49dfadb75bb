package dev.vmctl.controller;

import dev.vmctl.disk.OverlayDisks;
import dev.vmctl.disk.RawDisks;
import dev.vmctl.disk.VolumeStore;
import dev.vmctl.guest.Guests;
import dev.vmctl.guest.SeedNetwork;
import dev.vmctl.host.HostCommands;
import dev.vmctl.host.LinuxHostLocks;
import dev.vmctl.host.LinuxHostProcesses;
import dev.vmctl.host.ZfsDatasets;
import dev.vmctl.host.fake.FakeFacts;
import dev.vmctl.host.fake.FakeHost;
import dev.vmctl.hypervisor.Hypervisor;
import dev.vmctl.hypervisor.HypervisorRouter;
import dev.vmctl.hypervisor.bhyve.BhyveHypervisor;
import dev.vmctl.hypervisor.bhyve.BhyveSettings;
import dev.vmctl.image.CachedImage;
import dev.vmctl.image.ImageFormat;
import dev.vmctl.image.ImageProgress;
import dev.vmctl.image.ImageSource;
import dev.vmctl.image.Images;
import dev.vmctl.image.StoredImage;
import dev.vmctl.model.BackendTag;
import dev.vmctl.model.Declaration;
import dev.vmctl.model.FieldValues;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import dev.vmctl.network.GuestAddresses;
import dev.vmctl.store.DataDirectory;
import dev.vmctl.store.EventJournal;
import dev.vmctl.workqueue.VirtualTimeline;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import java.util.function.Predicate;
import java.util.function.Supplier;

/** The whole engine with the backend bhyve and volumes for disks, on a {@link FakeHost}. */
final class HostSimulation extends VirtualEngine {
  static final String ROOT = "rpool/vmctl";

  final FakeHost host;
  final FakeFacts facts = new FakeFacts();
  final Path image;
  private final Random random = new Random(1);

  HostSimulation(Path directory) {
    super(directory);
    host = new FakeHost(directory.resolve("host"));
    host.freebsd.addBridge("br0");
    image = directory.resolve("base.raw");
    try {
      Files.write(image, "a guest".repeat(1000).getBytes(StandardCharsets.UTF_8));
      Files.write(directory.resolve("BHYVE_UEFI.fd"), new byte[] {1});
      Files.write(directory.resolve("BHYVE_UEFI_VARS.fd"), new byte[] {2});
      Files.createDirectories(data().vms());
      Files.createDirectories(data().images());
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    new ZfsDatasets(new HostCommands(host), volumes()).createFolder(ROOT);
    host.log.clear();
    open();
  }

  HypervisorRouter hypervisors() {
    return engine.parts().hypervisors();
  }

  DataDirectory data() {
    return new DataDirectory(directory.resolve("data"));
  }

  private Path volumes() {
    return directory.resolve("host/zvol");
  }

  /** Our process is killed, if it was not yet, and another takes its place. */
  void restart() {
    host.revive();
    timeline = new VirtualTimeline(timeline.now());
    open();
    engine.start();
  }

  /** The host boots, and we with it. */
  void reboot() {
    host.reboot();
    facts.boot();
    restart();
  }

  private void open() {
    Clock clock = Clock.systemUTC();
    BhyveSettings settings =
        new BhyveSettings(
            directory.resolve("host/dev"),
            directory.resolve("BHYVE_UEFI.fd"),
            directory.resolve("BHYVE_UEFI_VARS.fd"),
            Duration.ofSeconds(1),
            Duration.ofMillis(1),
            Duration.ofSeconds(1));
    Hypervisor bhyve =
        new BhyveHypervisor(
            host, facts, settings, GuestAddresses.ofArp(host, timeline::now), Runnable::run);
    VolumeStore volumes =
        new VolumeStore(
            new ZfsDatasets(new HostCommands(host), volumes()),
            ROOT,
            new LinuxHostLocks(new LinuxHostProcesses()),
            data().images());
    EngineParts parts =
        new EngineParts(
            timeline,
            random,
            data(),
            directory.resolve("data/run"),
            facts.bootId(),
            store,
            new EventJournal(directory.resolve("events.jsonl")),
            new HypervisorRouter(BackendTag.BHYVE, List.of(bhyve)),
            images(),
            new OverlayDisks(
                data().root(), host, clock, RawDisks.asVolumes(volumes), Runnable::run),
            guests(),
            facts,
            path -> {
              throw new UnsupportedOperationException();
            },
            Observer.none());
    open(parts, EngineSettings.standard(), List.of());
  }

  private Images images() {
    return new PullOnlyImages() {
      @Override
      public Optional<CachedImage> lookup(ImageSource source) {
        try {
          return Optional.of(
              new CachedImage(
                  image, "sha256:" + "ab".repeat(32), ImageFormat.RAW, Files.size(image)));
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }

      @Override
      public CompletableFuture<CachedImage> ensure(
          ImageSource source, Consumer<ImageProgress> progress) {
        return CompletableFuture.completedFuture(lookup(source).orElseThrow());
      }

      @Override
      public Optional<CachedImage> byDigest(String digest) {
        return Optional.empty();
      }

      @Override
      public List<StoredImage> remove(Predicate<StoredImage> chosen, Supplier<Set<String>> needed) {
        return List.of();
      }
    };
  }

  private static Guests guests() {
    return new PlainGuests() {
      @Override
      public Path writeSeed(Path directory, VmSpec spec, UUID instanceId, SeedNetwork network) {
        try {
          return Files.writeString(directory.resolve(SEED), instanceId.toString());
        } catch (IOException e) {
          throw new UncheckedIOException(e);
        }
      }
    };
  }

  Declaration vm(String name, Consumer<FieldValues> fields) {
    FieldValues values = new FieldValues();
    values.put(VmFields.IMAGE, image);
    values.put(VmFields.MEMORY, 512L);
    fields.accept(values);
    return new Declaration(VmSpec.of(new VmName(name), values), FILE, 1, Map.of());
  }

  Declaration vm(String name) {
    return vm(name, values -> {});
  }

  @Override
  void up(Declaration... declarations) {
    for (Declaration declaration : declarations) {
      try {
        Files.createDirectories(data().vm(declaration.spec().name()));
      } catch (IOException e) {
        throw new UncheckedIOException(e);
      }
    }
    super.up(declarations);
  }

  /** Lets pass what is under way. */
  void settle() {
    timeline.pass(Duration.ofMinutes(1));
  }

  /** Command lines that changed the host since the last call. */
  List<String> changes() {
    List<String> changes =
        host.log.stream()
            .filter(line -> !line.matches("zfs get .*|ifconfig \\S+|kldstat .*|sysctl .*"))
            .toList();
    host.log.clear();
    return changes;
  }

  /** Volumes that are disks of VMs. */
  List<String> disks() {
    return host.zfs.datasets.keySet().stream()
        .filter(name -> name.startsWith(ROOT + "/disks/"))
        .toList();
  }

  /** Tap devices there are. */
  List<String> taps() {
    return host.freebsd.interfaces.entrySet().stream()
        .filter(each -> each.getValue().group.equals("tap"))
        .map(Map.Entry::getKey)
        .toList();
  }
}
