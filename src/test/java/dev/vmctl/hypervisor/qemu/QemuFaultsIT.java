package dev.vmctl.hypervisor.qemu;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.catchThrowableOfType;
import static org.awaitility.Awaitility.await;

import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import dev.vmctl.host.HostProcess;
import dev.vmctl.host.LinuxHostFacts;
import dev.vmctl.host.LinuxHostProcesses;
import dev.vmctl.hypervisor.Launch;
import dev.vmctl.hypervisor.LaunchNote;
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
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** QEMUs that are missing, old, broken or hung: real ones, and scripts in their place. */
@Timeout(180)
class QemuFaultsIT {
  private static final String REAL = "qemu-system-x86_64";
  private static final VmName NAME = new VmName("web");
  private static final Duration SHORT = Duration.ofSeconds(1);

  private final LinuxHostProcesses processes = new LinuxHostProcesses();
  private final LinuxHostFacts facts = LinuxHostFacts.ofThisProcess();
  @TempDir Path directory;
  private VmHandle vm;
  private QemuHypervisor qemu;

  @BeforeEach
  void placeVm() throws Exception {
    Path home = directory.resolve("vm");
    vm = new VmHandle(NAME, UUID.randomUUID(), home, home.resolve("run"), null);
    Files.createDirectories(home);
    qemu = hypervisor(REAL, Duration.ofSeconds(20), Duration.ofSeconds(60));
  }

  @AfterEach
  void killVm() {
    qemu.kill(vm);
    qemu.close();
  }

  @Test
  @Fault(area = Area.QEMU, value = "not installed")
  void aQemuThatIsNotInstalledIsNamedWithItsPackage(Seen seen) {
    use("qemu-system-none");
    seen.failed(failure(qemu::checkAvailable));
  }

  @Test
  @Fault(area = Area.QEMU, value = "too old")
  void aQemuThatIsTooOldIsNamedWithItsVersion(Seen seen) throws Exception {
    Path old =
        script(
            """
            echo '{"QMP": {"version": {"qemu": {"micro": 0, "minor": 2, "major": 5}}, "capabilities": []}}'
            echo '{"return": {}}'
            echo '{"return": [{"name": "pc-q35-5.2", "alias": "q35"}], "id": "machines"}'
            echo '{"return": [], "id": "options"}'
            """);
    use(old.toString());
    seen.failed(failure(qemu::checkAvailable));
  }

  @Test
  @Fault(area = Area.QEMU, value = "another program of its name")
  void aProgramThatIsNotQemuIsNotTakenForIt(Seen seen) throws Exception {
    use(script("echo 'this is a pipe' >&2").toString());
    seen.failed(failure(qemu::checkAvailable));
  }

  @Test
  @Fault(area = Area.QEMU, value = "dies at once")
  void aQemuThatDiesAtOnceIsQuoted(Seen seen) throws Exception {
    use(
        inPlaceOfQemu(
            "echo 'qemu: cannot set up guest memory: Cannot allocate memory' >&2; exit 1"));
    seen.failed(failedStart());
  }

  @Test
  @Fault(area = Area.QEMU, value = "dies as soon as it is spoken to")
  void aQemuThatDiesAtItsFirstWordsIsQuoted(Seen seen) throws Exception {
    use(
        Duration.ofSeconds(60),
        servesControlSocket("readline $c; die qq(qemu: fatal: out of luck\\n);"));
    seen.failed(failedStart());
  }

  @Test
  @Fault(area = Area.QEMU, value = "never answers its control socket")
  void aQemuThatNeverAnswersIsEndedAndSaid(Seen seen) throws Exception {
    use(Duration.ofSeconds(5), servesControlSocket("sleep 1000;"));
    VmException failure = failedStart();
    String waited = failure.getMessage().replaceAll(".* within (\\d+) ms", "$1");
    seen.calling(vm.shortId(), "<id>").calling(waited + " ms", "<time>").failed(failure);
  }

  @Test
  @Fault(area = Area.QEMU, value = "never opens its control socket")
  void aQemuThatNeverOpensItsSocketIsEndedAndSaid(Seen seen) throws Exception {
    use(inPlaceOfQemu("exec perl -e 'sleep 1000' -- \"$@\""));
    seen.failed(failedStart());
  }

  @Test
  @Fault(area = Area.QEMU, value = "stopped (SIGSTOP)")
  void aQemuThatIsStoppedIsUnknownAndAStopEndsIt(Seen seen) throws Exception {
    LaunchFacts started = start(TestGuest.HEARS_BUTTON);
    qemu.close();
    use(REAL);
    await().until(() -> qemu.observe(vm) instanceof Observation.Running);
    signal("STOP", started.pid());

    assertThat(qemu.observe(vm))
        .isInstanceOfSatisfying(
            Observation.Unknown.class,
            unknown -> seen.calling(vm.shortId(), "<id>").says(unknown.why()));

    qemu.stop(vm, SHORT).get(60, TimeUnit.SECONDS);
    assertNothingIsLeft();
  }

  @Test
  @Fault(
      area = Area.QEMU,
      value = "killed in the middle of an action",
      silent =
          "`stop`, `destroy` and restarts take it for done; `suspend` and `resume` fail with"
              + " `qmp.connect_failed`; the loop sees the crash and brings the VM back")
  void aQemuThatIsKilledInAnActionLeavesNothing() throws Exception {
    assertThat(killedDuring(TestGuest.STUBBORN, () -> qemu.suspend(vm)))
        .isEqualTo(ErrorCode.QMP_CONNECT_FAILED.text());
    assertThat(killedDuring(TestGuest.STUBBORN, () -> qemu.resume(vm)))
        .isEqualTo(ErrorCode.QMP_CONNECT_FAILED.text());
    assertThat(killedDuring(TestGuest.STUBBORN, () -> qemu.stop(vm, SHORT.multipliedBy(60)).join()))
        .isEmpty();
    assertThat(killedDuring(TestGuest.STUBBORN, () -> qemu.kill(vm))).isEmpty();
    assertThat(killedDuring(TestGuest.POWERS_OFF, () -> qemu.reap(vm))).isEmpty();
  }

  @Test
  @Fault(
      area = Area.QEMU,
      value = "gone, and its pid given to another process",
      silent = "the other process is not touched; the VM counts as gone and is started again")
  void aProcessThatGotThePidOfAQemuIsNotTakenForIt() throws Exception {
    Process other = new ProcessBuilder("sleep", "1000").start();
    try {
      HostProcess stranger = processes.find(other.pid()).orElseThrow();
      LaunchFacts recorded = facts(stranger);
      vm = new VmHandle(NAME, vm.uuid(), vm.directory(), vm.runDirectory(), recorded);
      Files.createDirectories(vm.runDirectory());
      Files.writeString(vm.runFile("pid"), other.pid() + "\n");
      new LaunchNote().write(vm, recorded);

      assertThat(qemu.observe(vm)).isEqualTo(new Observation.Absent());
      assertThat(qemu.peek(vm, SHORT)).isEqualTo(new Observation.Absent());
      qemu.stop(vm, SHORT).get(60, TimeUnit.SECONDS);
      qemu.reap(vm);
      qemu.kill(vm);
      assertThat(processes.isAlive(stranger)).isTrue();

      assertThat(start(TestGuest.STUBBORN).pid()).isNotEqualTo(other.pid());
    } finally {
      other.destroyForcibly();
    }
  }

  @Test
  @Fault(area = Area.QEMU, value = "KVM lost between two starts")
  void aVmThatDeclaresKvmDoesNotStartWithoutAndOthersAreEmulated(Seen seen) throws Exception {
    KvmProof gone =
        new KvmProof(
            processes,
            facts,
            Clock.systemUTC(),
            directory.resolve("facts"),
            directory.resolve("kvm"));
    LaunchResolver resolver =
        new LaunchResolver(
            gone,
            new NoTapDevices(),
            new ShareServers(processes, facts, QemuSettings.standard(directory, Map.of())));
    QemuBinary binary =
        new QemuBinary(Path.of("/usr/bin/" + REAL), "", 7, 2, Set.of("pc-q35-7.2"), Map.of(), true);

    FieldValues left = new FieldValues();
    KvmVerdict verdict = resolver.accelerator(VmSpec.of(NAME, left), binary);
    assertThat(verdict.usable()).isFalse();
    assertThat(verdict.reason()).contains("there is no ");

    FieldValues declared = new FieldValues();
    declared.put(VmFields.ACCEL, Accel.KVM);
    seen.failed(failure(() -> resolver.accelerator(VmSpec.of(NAME, declared), binary)));
  }

  /** Holds the process still, begins the action, and kills the process while it waits. */
  private String killedDuring(TestGuest guest, Runnable action) throws Exception {
    LaunchFacts started = start(guest);
    if (guest == TestGuest.POWERS_OFF) {
      await()
          .atMost(Duration.ofSeconds(60))
          .until(() -> qemu.observe(vm).equals(new Observation.Exited(ExitReason.GUEST_SHUTDOWN)));
    }
    signal("STOP", started.pid());
    CompletableFuture<Void> done = new CompletableFuture<>();
    Thread thread =
        Thread.ofPlatform()
            .start(
                () -> {
                  try {
                    action.run();
                    done.complete(null);
                  } catch (RuntimeException e) {
                    done.completeExceptionally(e);
                  }
                });
    await()
        .until(
            () ->
                done.isDone()
                    || thread.getState() == Thread.State.WAITING
                    || thread.getState() == Thread.State.TIMED_WAITING);
    // An action that ends the process itself may have been faster: then there is nothing to kill.
    ProcessHandle.of(started.pid()).ifPresent(ProcessHandle::destroyForcibly);
    String failure = "";
    try {
      done.orTimeout(60, TimeUnit.SECONDS).join();
    } catch (CompletionException e) {
      failure = ((VmException) Objects.requireNonNull(e.getCause())).code().text();
    }
    await().until(() -> qemu.observe(vm).equals(new Observation.Absent()));
    qemu.kill(vm);
    assertNothingIsLeft();
    return failure;
  }

  private VmException failedStart() throws Exception {
    VmException failure = failure(() -> start(TestGuest.STUBBORN));
    assertNothingIsLeft();
    return failure;
  }

  /** No process, no socket, and the next start goes well. */
  private void assertNothingIsLeft() throws IOException {
    assertThat(qemu.observe(vm)).isEqualTo(new Observation.Absent());
    assertThat(
            ProcessHandle.allProcesses()
                .flatMap(process -> processes.find(process.pid()).stream())
                .filter(process -> processes.commandLine(process).contains(vm.uuid().toString())))
        .isEmpty();
    try (Stream<Path> files = Files.list(vm.runDirectory())) {
      assertThat(files).isEmpty();
    }
  }

  private static VmException failure(ThrowingCallable call) {
    VmException failure = catchThrowableOfType(VmException.class, call);
    assertThat(failure.help()).isNotEmpty();
    return failure;
  }

  /** What a start of this process in this boot of the host would have recorded. */
  private LaunchFacts facts(HostProcess process) {
    return new LaunchFacts(
        "pc-q35-7.2",
        "max",
        Accel.TCG,
        "",
        1,
        64,
        null,
        null,
        process.pid(),
        process.startTicks(),
        facts.bootId());
  }

  private LaunchFacts start(TestGuest guest) throws Exception {
    FieldValues values = new FieldValues();
    values.put(VmFields.MEMORY, 64L);
    values.put(VmFields.ACCEL, Accel.TCG);
    Path disk = guest.writeDisk(vm.directory());
    return qemu.start(
        new Launch(
            vm,
            VmSpec.of(NAME, values),
            MacAddress.underQemuPrefix(7),
            null,
            disk,
            List.of(),
            null));
  }

  private void use(String program) {
    use(SHORT, program);
  }

  private void use(Duration start, String program) {
    qemu = hypervisor(program, SHORT, start);
  }

  private QemuHypervisor hypervisor(String program, Duration answer, Duration start) {
    QemuSettings settings =
        new QemuSettings(program, directory.resolve("facts"), null, answer, start, SHORT);
    return new QemuHypervisor(
        processes,
        facts,
        Clock.systemUTC(),
        new NoTapDevices(),
        GuestAddresses.ofThisHost(new LinuxHostProcesses(), Map.of(), Clock.systemUTC()),
        settings);
  }

  /** A script that answers what is asked of QEMU at first as QEMU does, and then runs this. */
  private String inPlaceOfQemu(String then) throws IOException {
    return script("case \"$*\" in *'-qmp stdio'*) exec " + REAL + " \"$@\" ;; esac\n" + then)
        .toString();
  }

  /** One that serves the engine's control socket: greets one client, and then does this. */
  private String servesControlSocket(String then) throws IOException {
    Path server =
        Files.writeString(
            directory.resolve("server.pl"),
            """
            use IO::Socket::UNIX;
            my ($path) = map { /id=qmp-engine,path=([^,]+)/ } @ARGV;
            my $s = IO::Socket::UNIX->new(Local => $path, Listen => 1);
            my $c = $s->accept;
            $c->autoflush(1);
            print $c qq({"QMP": {"version": {"qemu": {"micro": 0, "minor": 2, "major": 7}}, "capabilities": []}}\\r\\n);
            """
                + then);
    return inPlaceOfQemu("exec perl " + server + " \"$@\"");
  }

  private Path script(String text) throws IOException {
    Path script = Files.writeString(directory.resolve("qemu"), "#!/bin/sh\n" + text);
    Files.setPosixFilePermissions(script, PosixFilePermissions.fromString("rwxr-xr-x"));
    return script;
  }

  private static void signal(String signal, long pid) throws Exception {
    assertThat(new ProcessBuilder("kill", "-" + signal, Long.toString(pid)).start().waitFor())
        .isZero();
  }
}
