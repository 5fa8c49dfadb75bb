package dev.vmctl.hypervisor.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.vmctl.host.FileExtents;
import dev.vmctl.host.HostProcess;
import dev.vmctl.host.LinuxHostFacts;
import dev.vmctl.host.LinuxHostProcesses;
import dev.vmctl.host.Signal;
import dev.vmctl.hypervisor.ConsoleEndpoint;
import dev.vmctl.hypervisor.Launch;
import dev.vmctl.hypervisor.Observation;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.Accel;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.ExitReason;
import dev.vmctl.model.FieldValues;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.MacAddress;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import dev.vmctl.network.GuestAddresses;
import dev.vmctl.network.NoTapDevices;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.ByteBuffer;
import java.nio.channels.FileChannel;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.TimeUnit;
import org.assertj.core.api.AbstractStringAssert;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** Against a real QEMU with guests of one boot sector. */
@Timeout(120)
class QemuHypervisorIT {
  private static final Duration GRACE = Duration.ofSeconds(20);
  private static final VmName NAME = new VmName("web");

  private final LinuxHostProcesses processes = new LinuxHostProcesses();
  private final LinuxHostFacts facts = LinuxHostFacts.ofThisProcess();
  private final List<VmName> woken = new CopyOnWriteArrayList<>();
  @TempDir Path directory;
  private QemuHypervisor qemu;
  private VmHandle vm;

  @BeforeEach
  void placeVm() throws Exception {
    qemu = engine(Duration.ofSeconds(3));
    vm = handle("vm");
    Files.createDirectories(vm.directory());
  }

  @AfterEach
  void killVm() {
    qemu.kill(vm);
    qemu.close();
  }

  @Test
  void aVmIsStartedFrozenThawedAndStoppedByItsPowerButton() throws Exception {
    assertThat(qemu.observe(vm)).isEqualTo(new Observation.Absent());

    LaunchFacts started = start(TestGuest.HEARS_BUTTON);

    assertThat(started.machine()).matches("pc-q35-\\d+\\.\\d+");
    assertThat(started.cpu()).isEqualTo("max");
    assertThat(started.vnc()).matches("127\\.0\\.0\\.1:59\\d\\d");
    assertThat(qemu.observe(vm)).isEqualTo(new Observation.Running(started.pid()));
    awaitBooted();
    qemu.suspend(vm);
    assertThat(qemu.observe(vm)).isEqualTo(new Observation.Suspended(started.pid()));
    qemu.suspend(vm);
    qemu.resume(vm);
    assertThat(qemu.observe(vm)).isEqualTo(new Observation.Running(started.pid()));

    qemu.stop(vm, GRACE).get(GRACE.toSeconds(), TimeUnit.SECONDS);

    assertThat(processes.isAlive(process(started))).isFalse();
    assertThat(qemu.observe(vm)).isEqualTo(new Observation.Absent());
    assertThat(woken).contains(NAME);
    try (var left = Files.list(vm.runDirectory())) {
      assertThat(left).isEmpty();
    }
    qemu.stop(vm, GRACE).get(1, TimeUnit.SECONDS);
  }

  @Test
  void aFrozenVmIsThawedToHearItsPowerButton() throws Exception {
    start(TestGuest.HEARS_BUTTON);
    awaitBooted();
    qemu.suspend(vm);
    qemu.stop(vm, GRACE).get(GRACE.toSeconds(), TimeUnit.SECONDS);
    assertThat(qemu.observe(vm)).isEqualTo(new Observation.Absent());
  }

  @Test
  void aGuestThatSwitchesItselfOffKeepsItsReasonForAnEngineThatWasAway() throws Exception {
    LaunchFacts started = start(TestGuest.POWERS_OFF);
    qemu.close();

    qemu = engine(Duration.ofSeconds(3));
    Observation exited = new Observation.Exited(ExitReason.GUEST_SHUTDOWN);
    await().atMost(GRACE).until(() -> qemu.observe(vm).equals(exited));
    assertThat(qemu.peek(vm, Duration.ofSeconds(3))).isEqualTo(exited);
    assertThat(processes.isAlive(process(started))).isTrue();

    qemu.reap(vm);
    assertThat(qemu.observe(vm)).isEqualTo(new Observation.Absent());
    assertThat(processes.isAlive(process(started))).isFalse();
    qemu.reap(vm);
  }

  @Test
  void aRunningGuestIsNotReaped() throws Exception {
    LaunchFacts started = start(TestGuest.STUBBORN);
    assertFails(() -> qemu.reap(vm), ErrorCode.VM_INVALID_STATE).contains("running");
    assertThat(qemu.observe(vm)).isEqualTo(new Observation.Running(started.pid()));
  }

  @Test
  void aNewEngineAdoptsARunningVmAndBystandersSeeItToo() throws Exception {
    LaunchFacts started = start(TestGuest.STUBBORN);
    try (QemuHypervisor bystander = engine(Duration.ofSeconds(3))) {
      assertThat(bystander.peek(vm, Duration.ofSeconds(3)))
          .isEqualTo(new Observation.Running(started.pid()));
    }
    qemu.close();

    qemu = engine(Duration.ofSeconds(3));
    // Even one that lost the record of the start, as after a crash right then.
    vm = new VmHandle(NAME, vm.uuid(), vm.directory(), vm.runDirectory(), null);
    assertThat(qemu.observe(vm)).isEqualTo(new Observation.Running(started.pid()));
    Files.delete(vm.runFile("pid"));
    assertThat(qemu.observe(vm)).isEqualTo(new Observation.Running(started.pid()));
    Path disk = vm.directory().resolve("overlay.qcow2");
    assertFails(() -> qemu.start(launch(disk, null)), ErrorCode.VM_INVALID_STATE)
        .contains("process " + started.pid());
  }

  @Test
  void aVmKilledFromOutsideWakesTheEngineAndIsAbsent() throws Exception {
    LaunchFacts started = start(TestGuest.STUBBORN);
    woken.clear();
    processes.signal(process(started), Signal.KILL);
    await().until(() -> woken.contains(NAME));
    assertThat(qemu.observe(vm)).isEqualTo(new Observation.Absent());
  }

  @Test
  void aQemuThatDoesNotAnswerIsUnknownAndNeverAbsent() throws Exception {
    LaunchFacts started = start(TestGuest.STUBBORN);
    qemu.close();
    qemu = engine(Duration.ofMillis(300));
    await().until(() -> qemu.observe(vm) instanceof Observation.Running);
    signal("-STOP", started.pid());

    assertThat(qemu.observe(vm)).isInstanceOf(Observation.Unknown.class);
    assertThat(qemu.peek(vm, Duration.ofMillis(300))).isInstanceOf(Observation.Unknown.class);
    qemu.release(vm);
    assertThat(qemu.observe(vm)).isInstanceOf(Observation.Unknown.class);

    signal("-CONT", started.pid());
    await().until(() -> qemu.observe(vm).equals(new Observation.Running(started.pid())));
  }

  @Test
  void aVmWhoseSocketsWereDeletedIsUnknown() throws Exception {
    start(TestGuest.STUBBORN);
    qemu.release(vm);
    Files.delete(vm.runFile("qmp.sock"));
    assertThat(qemu.observe(vm))
        .isInstanceOfSatisfying(
            Observation.Unknown.class, unknown -> assertThat(unknown.why()).contains("runs, but"));
  }

  @Test
  void anotherVmAtTheSocketIsUnknown() throws Exception {
    start(TestGuest.STUBBORN);
    qemu.release(vm);
    // Same first 8 digits, so the same files.
    UUID other = new UUID(vm.uuid().getMostSignificantBits(), 0);
    VmHandle impostor = new VmHandle(NAME, other, vm.directory(), vm.runDirectory(), null);
    assertThat(qemu.observe(impostor))
        .isInstanceOfSatisfying(
            Observation.Unknown.class, unknown -> assertThat(unknown.why()).contains("another VM"));
  }

  @Test
  void aPidFileThatNamesAnotherProcessIsNotBelieved() throws Exception {
    Files.createDirectories(vm.runDirectory());
    Files.writeString(vm.runFile("pid"), ProcessHandle.current().pid() + "\n");
    assertThat(qemu.observe(vm)).isEqualTo(new Observation.Absent());
    qemu.kill(vm);
  }

  @Test
  void aGuestThatDoesNotHearIsEndedAfterItsGrace() throws Exception {
    LaunchFacts started = start(TestGuest.STUBBORN);
    awaitBooted();
    qemu.stop(vm, Duration.ofMillis(500)).get(GRACE.toSeconds(), TimeUnit.SECONDS);
    assertThat(processes.isAlive(process(started))).isFalse();
    assertThat(vm.directory().resolve("qemu.log")).content().contains("signal 15");
  }

  @Test
  void theConsoleLogOfAGuestThatNeverStopsTalkingStaysBounded() throws Exception {
    Path log = vm.directory().resolve("console.log");
    long limit = QemuFiles.LONGEST_LOG;
    Files.write(log, "of long ago\n".repeat((int) limit / 12).getBytes(StandardCharsets.UTF_8));
    start(TestGuest.TALKS);
    await().atMost(GRACE).until(() -> Files.size(log) > limit);

    assertThat(qemu.observe(vm)).isInstanceOf(Observation.Running.class);

    assertThat(FileExtents.dataBytes(log)).isBetween(limit / 2, limit * 3 / 4);
    long size = Files.size(log);
    await().atMost(GRACE).until(() -> Files.size(log) > size + 1000);
    try (FileChannel channel = FileChannel.open(log)) {
      ByteBuffer next = ByteBuffer.allocate(1000);
      channel.read(next, size);
      assertThat(new String(next.array(), StandardCharsets.UTF_8)).as("goes on").matches("R+");
    }
    qemu.kill(vm);
    start(TestGuest.STUBBORN);
    awaitBooted();
    assertThat(log).as("begun anew at the next start").content().isEqualTo("R");
    assertThat(log.resolveSibling("console.log.1")).exists();
  }

  @Test
  void aCancelledStopEscalatesNoFurther() throws Exception {
    LaunchFacts started = start(TestGuest.STUBBORN);
    awaitBooted();
    CompletableFuture<Void> stop = qemu.stop(vm, Duration.ofSeconds(1));
    stop.cancel(false);
    await()
        .during(Duration.ofMillis(1500))
        .until(() -> qemu.observe(vm).equals(new Observation.Running(started.pid())));
  }

  @Test
  void whatQemuSaidIsPartOfTheError() throws Exception {
    Path missing = vm.directory().resolve("no-disk.qcow2");
    assertFails(() -> qemu.start(launch(missing, null)), ErrorCode.QEMU_SPAWN_FAILED)
        .contains("no-disk.qcow2")
        .contains("No such file");
    assertThat(qemu.observe(vm)).isEqualTo(new Observation.Absent());
  }

  @Test
  void aTakenSshPortIsReplacedByAnother() throws Exception {
    try (ServerSocket taken = new ServerSocket(0, 1, InetAddress.getByName("127.0.0.1"))) {
      LaunchFacts previous =
          new LaunchFacts(
              "pc-q35-6.2", "max", null, "", 1, 64, taken.getLocalPort(), null, 0, 0, "");
      LaunchFacts started =
          qemu.start(launch(TestGuest.STUBBORN.writeDisk(vm.directory()), previous));
      assertThat(started.sshPort()).isNotNull().isNotEqualTo(taken.getLocalPort());
      assertThat(started.machine()).as("kept from before").isEqualTo("pc-q35-6.2");
    }
  }

  @Test
  void noPathBreaksOutOfItsOption() throws Exception {
    vm = handle("a,b=c \"d' {e}\nf,,id=x");
    Files.createDirectories(vm.directory());
    LaunchFacts started = start(TestGuest.POWERS_OFF);
    awaitBooted();
    await()
        .atMost(GRACE)
        .until(() -> qemu.observe(vm).equals(new Observation.Exited(ExitReason.GUEST_SHUTDOWN)));
    assertThat(started.pid()).isPositive();
    assertThat(((ConsoleEndpoint.UnixSocket) qemu.console(vm)).path()).exists();
  }

  @Test
  void aSocketPathTooLongForTheKernelIsRefusedBeforeAnythingStarts() throws Exception {
    Path run = directory.resolve("r".repeat(90));
    vm = new VmHandle(NAME, vm.uuid(), vm.directory(), run, null);
    assertFails(() -> start(TestGuest.STUBBORN), ErrorCode.QEMU_SPAWN_FAILED).contains("too long");
  }

  @Test
  void secureFirmwareAndATpmStartWithAMemoryOfTheirOwnAndKeepIt() throws Exception {
    FieldValues values = values();
    values.put(VmFields.UEFI, true);
    values.put(VmFields.SECURE_BOOT, true);
    values.put(VmFields.TPM, true);
    values.put(VmFields.MEMORY, 256L);
    qemu.start(launch(values, TestGuest.STUBBORN.writeDisk(vm.directory()), null));
    await()
        .atMost(Duration.ofSeconds(60))
        .until(() -> Files.size(vm.directory().resolve("console.log")) > 0);
    Path memory = vm.directory().resolve("tpm/tpm2-00.permall");
    assertThat(memory).isNotEmptyFile();
    assertThat(vm.runFile("tpm.sock")).exists();
    assertThat(vm.directory().resolve("efivars.fd")).doesNotExist();
    Path variables = vm.directory().resolve("efivars-secure.fd");
    qemu.stop(vm, Duration.ZERO).get(GRACE.toSeconds(), TimeUnit.SECONDS);
    try (var left = Files.list(vm.runDirectory())) {
      assertThat(left).isEmpty();
    }

    // What they hold survives: neither is made anew.
    byte[] held = Files.readAllBytes(variables);
    held[held.length - 1] ^= 1;
    Files.write(variables, held);
    qemu.start(launch(values, vm.directory().resolve("overlay.qcow2"), null));
    byte[] now = Files.readAllBytes(variables);
    assertThat(now[now.length - 1]).isEqualTo(held[held.length - 1]);
    assertThat(memory).isNotEmptyFile();
  }

  @Test
  void aMachineTypeOrBackendThatIsNotThereIsNamed() throws Exception {
    FieldValues values = values();
    values.put(VmFields.MACHINE, "pc-q35-99.9");
    Path disk = TestGuest.STUBBORN.writeDisk(vm.directory());
    assertFails(() -> qemu.start(launch(values, disk, null)), ErrorCode.QEMU_FEATURE_MISSING)
        .contains("pc-q35-99.9");
    QemuSettings settings =
        new QemuSettings(
            "no-such-qemu",
            directory.resolve("facts"),
            null,
            Duration.ofSeconds(1),
            Duration.ofSeconds(1),
            Duration.ofSeconds(1));
    try (QemuHypervisor none =
        new QemuHypervisor(
            processes,
            facts,
            Clock.systemUTC(),
            new NoTapDevices(),
            GuestAddresses.ofThisHost(new LinuxHostProcesses(), Map.of(), Clock.systemUTC()),
            settings)) {
      assertFails(none::checkAvailable, ErrorCode.QEMU_NOT_FOUND).contains("no-such-qemu");
    }
  }

  private QemuHypervisor engine(Duration answer) {
    QemuSettings settings =
        new QemuSettings(
            "qemu-system-x86_64",
            directory.resolve("facts"),
            null,
            answer,
            Duration.ofSeconds(30),
            Duration.ofSeconds(5));
    QemuHypervisor engine =
        new QemuHypervisor(
            processes,
            facts,
            Clock.systemUTC(),
            new NoTapDevices(),
            GuestAddresses.ofThisHost(new LinuxHostProcesses(), Map.of(), Clock.systemUTC()),
            settings);
    engine.onWake(woken::add);
    return engine;
  }

  private VmHandle handle(String name) {
    Path base = directory;
    return new VmHandle(
        NAME, UUID.randomUUID(), base.resolve(name), base.resolve(name).resolve("run"), null);
  }

  private LaunchFacts start(TestGuest guest) throws Exception {
    return qemu.start(launch(guest.writeDisk(vm.directory()), null));
  }

  private Launch launch(Path disk, @Nullable LaunchFacts previous) {
    return launch(values(), disk, previous);
  }

  private Launch launch(FieldValues values, Path disk, @Nullable LaunchFacts previous) {
    return new Launch(
        vm,
        VmSpec.of(NAME, values),
        MacAddress.underQemuPrefix(7),
        previous,
        disk,
        List.of(),
        null);
  }

  private static FieldValues values() {
    FieldValues values = new FieldValues();
    values.put(VmFields.MEMORY, 64L);
    values.put(VmFields.ACCEL, Accel.TCG);
    return values;
  }

  private void awaitBooted() {
    Path log = vm.directory().resolve("console.log");
    await().atMost(GRACE).until(() -> Files.exists(log) && Files.readString(log).contains("R"));
  }

  private static HostProcess process(LaunchFacts facts) {
    return new HostProcess(facts.pid(), facts.processStart());
  }

  private static void signal(String signal, long pid) throws Exception {
    assertThat(new ProcessBuilder("kill", signal, Long.toString(pid)).start().waitFor()).isZero();
  }

  private static AbstractStringAssert<?> assertFails(ThrowingCallable call, ErrorCode code) {
    List<String> messages = new CopyOnWriteArrayList<>();
    assertThatThrownBy(call)
        .isInstanceOfSatisfying(
            VmException.class,
            e -> {
              assertThat(e.code()).as(e.getMessage()).isEqualTo(code);
              messages.add(e.getMessage());
            });
    return assertThat(messages.getFirst());
  }
}
