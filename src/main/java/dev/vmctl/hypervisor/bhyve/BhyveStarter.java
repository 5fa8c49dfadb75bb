package dev.vmctl.hypervisor.bhyve;

import dev.vmctl.host.HostFacts;
import dev.vmctl.host.HostProcess;
import dev.vmctl.host.HostProcesses;
import dev.vmctl.host.ProcessStart;
import dev.vmctl.hypervisor.Launch;
import dev.vmctl.hypervisor.LaunchNote;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.BackendTag;
import dev.vmctl.model.Capabilities.Capability;
import dev.vmctl.model.CardFacts;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.Field;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.Unsupported;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmSpec;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;

/** Starts bhyve under its keeper and sees that it runs. */
final class BhyveStarter {
  private final HostProcesses processes;
  private final HostFacts facts;
  private final BhyveProcesses bhyveProcesses;
  private final BhyveVms vms;
  private final BhyveTaps taps;
  private final BhyveStopper stopper;
  private final BhyveSettings settings;
  private final LaunchNote note = new LaunchNote();

  BhyveStarter(
      HostProcesses processes,
      HostFacts facts,
      BhyveProcesses bhyveProcesses,
      BhyveVms vms,
      BhyveTaps taps,
      BhyveStopper stopper,
      BhyveSettings settings) {
    this.processes = processes;
    this.facts = facts;
    this.bhyveProcesses = bhyveProcesses;
    this.vms = vms;
    this.taps = taps;
    this.stopper = stopper;
    this.settings = settings;
  }

  LaunchFacts start(Launch launch) throws InterruptedException {
    VmHandle vm = launch.vm();
    bhyveProcesses
        .find(vm)
        .ifPresent(
            process -> {
              throw new VmException(
                  ErrorCode.VM_INVALID_STATE,
                  vm.name() + " runs already, as process " + process.pid(),
                  "stop it first");
            });
    if (vms.begun(vm).isPresent()) {
      stopper.reap(vm);
    }
    vms.refuseForeign(vm);
    String bridge = bridge(launch.spec());
    BhyveFiles files = new BhyveFiles(vm);
    files.prepare();
    int vncPort = facts.freeTcpPort();
    note.write(vm, facts(launch, bridge, vncPort, 0, 0));
    boolean started = false;
    try {
      String tap = bridge == null ? null : taps.open(vm, bridge);
      BhyveMachine machine = machine(launch, files, tap, vncPort);
      HostProcess process =
          processes.start(
              new ProcessStart(
                  Keeper.of(
                      vm,
                      program("bhyvectl"),
                      Path.of(BhyveCommandLine.peopleSide(vm)),
                      BhyveCommandLine.of(program("bhyve"), vm, machine)),
                  files.log(),
                  "vmctl-" + vm.shortId()));
      LaunchFacts found = facts(launch, bridge, vncPort, process.pid(), process.startTicks());
      note.write(vm, found);
      awaitRunning(vm, files, process);
      started = true;
      return found;
    } finally {
      if (!started) {
        stopper.kill(vm);
      }
    }
  }

  /**
   * @throws VmException network.failed when what is declared could not be connected
   */
  void check(VmSpec declared) {
    String bridge = bridge(declared);
    if (bridge != null) {
      taps.check(bridge);
    }
  }

  private BhyveMachine machine(Launch launch, BhyveFiles files, @Nullable String tap, int vncPort) {
    VmSpec spec = launch.spec();
    return new BhyveMachine(
        effective(VmFields.VCPUS, spec),
        effective(VmFields.MEMORY, spec),
        launch.mac(),
        tap,
        Objects.requireNonNull(launch.disk()),
        launch.seed(),
        settings.bootRom(),
        files.prepareVariables(settings.variables()),
        vncPort);
  }

  private Path program(String name) {
    return facts
        .findProgram(name)
        .orElseThrow(
            () ->
                new VmException(
                    ErrorCode.BACKEND_NOT_AVAILABLE,
                    "there is no program " + name + " on this host",
                    "bhyve is part of FreeBSD; is /usr/sbin on the PATH?"));
  }

  /** Null without a card. What bhyve cannot do is refused before it comes to a start. */
  private static @Nullable String bridge(VmSpec spec) {
    return switch (spec.network()) {
      case null -> NetworkSpec.Tap.DEFAULT_BRIDGE;
      case NetworkSpec.Tap tap -> tap.bridge();
      case NetworkSpec.None none -> null;
      case NetworkSpec.User user ->
          throw Unsupported.refusal(Capability.USER_NETWORK, BackendTag.BHYVE);
      case NetworkSpec.Private lan ->
          throw Unsupported.refusal(Capability.PRIVATE_NETWORK, BackendTag.BHYVE);
      case NetworkSpec.Vnic vnic ->
          throw Unsupported.refusal(Capability.VNIC_NETWORK, BackendTag.BHYVE);
    };
  }

  /** An unusable command line ends bhyve while it sets up its devices, within milliseconds. */
  private void awaitRunning(VmHandle vm, BhyveFiles files, HostProcess process)
      throws InterruptedException {
    long end = System.nanoTime() + settings.start().toNanos();
    while (!vms.exists(vm) && processes.isAlive(process)) {
      if (System.nanoTime() - end > 0) {
        throw new VmException(
            ErrorCode.BHYVE_START_FAILED,
            "bhyve allocated no VM within " + settings.start().toMillis() + " ms",
            "the host may be overloaded; see " + files.log());
      }
      TimeUnit.MILLISECONDS.sleep(5);
    }
    if (processes.awaitExit(process, settings.settle())) {
      throw new VmException(
          ErrorCode.BHYVE_START_FAILED,
          "bhyve did not start: "
              + files.lastWords()
              + BhyveFiles.number(files.exit()).map(code -> " (exit code " + code + ")").orElse(""),
          "the whole text is in " + files.log());
    }
  }

  private LaunchFacts facts(
      Launch launch, @Nullable String bridge, int vncPort, long pid, long startTicks) {
    VmSpec spec = launch.spec();
    List<CardFacts> cards =
        bridge == null
            ? List.of()
            : List.of(
                new CardFacts(
                    launch.mac(), new NetworkSpec.Tap(bridge), BhyveTaps.name(launch.vm())));
    return new LaunchFacts(
        "",
        "",
        null,
        "",
        effective(VmFields.VCPUS, spec),
        effective(VmFields.MEMORY, spec),
        null,
        "127.0.0.1:" + vncPort,
        pid,
        startTicks,
        facts.bootId(),
        List.of(),
        cards,
        null,
        null);
  }

  private static <T> T effective(Field<T> field, VmSpec spec) {
    return Objects.requireNonNull(field.effective(spec), field.path());
  }
}
