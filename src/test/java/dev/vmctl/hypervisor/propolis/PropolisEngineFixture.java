package dev.vmctl.hypervisor.propolis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.vmctl.api.ApplyRequest;
import dev.vmctl.api.ApplyRequest.Provisioning;
import dev.vmctl.api.EventQuery;
import dev.vmctl.api.ServerInfo;
import dev.vmctl.api.VmStatus;
import dev.vmctl.controller.Engine;
import dev.vmctl.controller.EngineParts;
import dev.vmctl.controller.EngineSettings;
import dev.vmctl.controller.EngineVmctl;
import dev.vmctl.controller.Observer;
import dev.vmctl.controller.SourceOpener;
import dev.vmctl.disk.Disks;
import dev.vmctl.disk.OverlayDisks;
import dev.vmctl.disk.RawDisks;
import dev.vmctl.disk.VolumeStore;
import dev.vmctl.guest.Guests;
import dev.vmctl.guest.ProvisionResult;
import dev.vmctl.host.HostCommands;
import dev.vmctl.host.LinuxHostFacts;
import dev.vmctl.host.LinuxHostLocks;
import dev.vmctl.host.LinuxHostProcesses;
import dev.vmctl.host.ZfsDatasets;
import dev.vmctl.hypervisor.HypervisorRouter;
import dev.vmctl.image.CachedImage;
import dev.vmctl.image.ImageFormat;
import dev.vmctl.image.Images;
import dev.vmctl.model.BackendTag;
import dev.vmctl.model.Declaration;
import dev.vmctl.model.FieldValues;
import dev.vmctl.model.SourceId;
import dev.vmctl.model.SshSpec;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import dev.vmctl.store.DataDirectory;
import dev.vmctl.store.EventJournal;
import dev.vmctl.store.FileVmStore;
import dev.vmctl.workqueue.RealTimeline;
import java.io.IOException;
import java.lang.reflect.Proxy;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Random;
import java.util.Set;
import java.util.concurrent.Callable;
import java.util.concurrent.CompletableFuture;
import java.util.function.Consumer;
import org.awaitility.core.ConditionTimeoutException;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** The whole engine on propolis-servers over real HTTP, in zones of a host that is not there. */
@Timeout(120)
abstract class PropolisEngineFixture {
  static final VmName WEB = new VmName("web");
  static final Path FILE = Path.of("/vms/VMFile.kdl");

  @TempDir Path directory;
  FakeIllumos illumos;
  RealTimeline timeline;
  Engine engine;
  int looks;
  EngineVmctl vmctl;

  @BeforeEach
  void start() throws IOException {
    illumos = new FakeIllumos(directory);
    Files.write(directory.resolve("base.raw"), new byte[7000]);
    Files.createDirectories(directory.resolve("data/vms"));
    Files.createDirectories(directory.resolve("data/images"));
    new ZfsDatasets(new HostCommands(illumos.host), directory.resolve("zvol"))
        .createFolder("rpool/vmctl");
    open();
  }

  @AfterEach
  void everythingWentByTheRules() {
    close();
    illumos.close();
    assertThat(illumos.violations()).isEmpty();
  }

  final void open() {
    timeline = new RealTimeline();
    DataDirectory data = new DataDirectory(directory.resolve("data"));
    PropolisHypervisor hypervisor =
        illumos.hypervisor((vm, ssh, within) -> illumos.inside(vm.name().value()).powerOff());
    EngineParts parts =
        new EngineParts(
            timeline,
            new Random(1),
            data,
            directory.resolve("run"),
            LinuxHostFacts.ofThisProcess().bootId(),
            new FileVmStore(
                data, new LinuxHostLocks(new LinuxHostProcesses()), FileVmStore.Sharing.ALONE),
            new EventJournal(data.events()),
            new HypervisorRouter(BackendTag.PROPOLIS, List.of(hypervisor)),
            images(),
            disks(data),
            guests(),
            LinuxHostFacts.ofThisProcess(),
            path -> {
              throw new UnsupportedOperationException("nothing is watched");
            },
            Observer.none());
    engine = new Engine(parts, EngineSettings.standard(), name -> true, List.of());
    vmctl =
        new EngineVmctl(
            engine,
            new ServerInfo("test", 1, true, true, data.root(), List.of()),
            SourceOpener.none(),
            name -> {},
            () -> {});
    engine.start();
  }

  void close() {
    engine.close();
    timeline.close();
  }

  void restart() {
    close();
    open();
  }

  /** A port of which only some calls matter. */
  static <T> T port(Class<T> type, Map<String, Answer> answers) {
    return type.cast(
        Proxy.newProxyInstance(
            type.getClassLoader(),
            new Class<?>[] {type},
            (proxy, method, arguments) -> {
              Answer answer = answers.get(method.getName());
              if (answer == null) {
                throw new UnsupportedOperationException(method.getName());
              }
              return answer.to(arguments == null ? new Object[0] : arguments);
            }));
  }

  interface Answer {
    @Nullable Object to(Object[] arguments) throws IOException;
  }

  Images images() {
    CachedImage image =
        new CachedImage(
            directory.resolve("base.raw"), "sha256:" + "ab".repeat(32), ImageFormat.RAW, 7000);
    return port(Images.class, Map.of("lookup", arguments -> Optional.of(image)));
  }

  /** Volumes of the host's pool, cloned from a copy of the image. */
  Disks disks(DataDirectory data) {
    VolumeStore volumes =
        new VolumeStore(
            new ZfsDatasets(new HostCommands(illumos.host), directory.resolve("zvol")),
            "rpool/vmctl",
            new LinuxHostLocks(new LinuxHostProcesses()),
            data.images());
    return new OverlayDisks(
        data.root(), illumos.host, Clock.systemUTC(), RawDisks.asVolumes(volumes), Runnable::run);
  }

  @SuppressWarnings("FutureReturnValueIgnored") // the port returns it
  static Guests guests() {
    return port(
        Guests.class,
        Map.of(
            "writeSeed",
            arguments -> {
              Path seed = ((Path) arguments[0]).resolve(Guests.SEED);
              Files.createDirectories((Path) arguments[0]);
              return Files.write(seed, new byte[4096]);
            },
            "starting",
            arguments -> "",
            "consoleTail",
            arguments -> List.of(),
            "awaitReady",
            arguments -> CompletableFuture.completedFuture(List.of()),
            "provision",
            arguments -> CompletableFuture.completedFuture(new ProvisionResult.Succeeded())));
  }

  void up(Consumer<FieldValues> fields) {
    FieldValues values = new FieldValues();
    values.put(VmFields.IMAGE, Path.of("/images/debian.qcow2"));
    values.put(VmFields.SSH_USER, SshSpec.DEFAULT_USER);
    fields.accept(values);
    vmctl.apply(
        new ApplyRequest(
            SourceId.file(FILE),
            List.of(new Declaration(VmSpec.of(WEB, values), FILE, 1, Map.of())),
            Set.of(),
            false,
            false,
            Provisioning.AS_NEEDED));
  }

  void up() {
    up(values -> {});
  }

  VmStatus status() {
    return vmctl.status(WEB);
  }

  void awaitReady() {
    until(() -> status().summary().ready() && status().settled());
  }

  void awaitState(String state) {
    until(() -> status().summary().state().equals(state) && status().settled());
  }

  /**
   * As a daemon does it: a wake-up may be missed, as when the fake's HTTP server keeps a connection
   * open beyond its own end.
   */
  void resyncOnceInAWhile() {
    if (++looks % 30 == 0) {
      engine.resync();
    }
  }

  void until(Callable<Boolean> condition) {
    try {
      await()
          .atMost(Duration.ofSeconds(40))
          .pollInterval(Duration.ofMillis(100))
          .until(
              () -> {
                resyncOnceInAWhile();
                return condition.call();
              });
    } catch (ConditionTimeoutException e) {
      throw new AssertionError(vmctl.list() + " " + vmctl.events(new EventQuery(null, null)), e);
    }
  }
}
