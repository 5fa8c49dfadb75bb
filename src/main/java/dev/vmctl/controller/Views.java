package dev.vmctl.controller;

import dev.vmctl.api.VmStatus;
import dev.vmctl.api.VmStatus.CommitView;
import dev.vmctl.api.VmStatus.ConditionView;
import dev.vmctl.api.VmStatus.ExitView;
import dev.vmctl.api.VmStatus.GuestView;
import dev.vmctl.api.VmStatus.HoldView;
import dev.vmctl.api.VmStatus.PolicyView;
import dev.vmctl.api.VmStatus.ProvisionView;
import dev.vmctl.api.VmSummary;
import dev.vmctl.disk.Disks;
import dev.vmctl.guest.GuestFacts;
import dev.vmctl.guest.Guests;
import dev.vmctl.hypervisor.HypervisorRouter;
import dev.vmctl.hypervisor.Observation;
import dev.vmctl.model.Condition;
import dev.vmctl.model.Condition.Status;
import dev.vmctl.model.Condition.Type;
import dev.vmctl.model.Dependency;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.PolicyFields;
import dev.vmctl.model.ProbeSpec;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import dev.vmctl.model.VmState;
import dev.vmctl.store.Applied;
import dev.vmctl.store.DataDirectory;
import dev.vmctl.store.Desired;
import dev.vmctl.store.Exit;
import dev.vmctl.store.Failure;
import dev.vmctl.store.Hold;
import dev.vmctl.store.Pin;
import dev.vmctl.store.Provisioned;
import dev.vmctl.store.VmRecord;
import java.net.InetAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/** Puts what is remembered and seen of a VM into the words of the API. */
final class Views {
  private final DataDirectory data;
  private final HypervisorRouter hypervisors;
  private final Intents intents;
  private final boolean supervised;

  Views(DataDirectory data, HypervisorRouter hypervisors, Intents intents, boolean supervised) {
    this.data = data;
    this.hypervisors = hypervisors;
    this.intents = intents;
    this.supervised = supervised;
  }

  VmSummary summary(VmRecord record, Observation seen) {
    VmSpec spec = Observing.specThatRuns(record);
    LaunchFacts facts = factsOfRunning(record, seen);
    Pin pin = record.desired().pin();
    return new VmSummary(
        record.name().value(),
        state(record, seen).text(),
        isReady(record, seen),
        hypervisors.tag(spec).text(),
        facts == null ? Objects.requireNonNull(VmFields.VCPUS.effective(spec)) : facts.vcpus(),
        facts == null ? Objects.requireNonNull(VmFields.MEMORY.effective(spec)) : facts.memoryMb(),
        Objects.requireNonNullElse(spec.network(), new NetworkSpec.User()).text(),
        pid(seen),
        facts == null ? null : facts.sshPort(),
        record.source().toString(),
        supervised,
        // What is declared now: a label changes nothing that runs.
        LabelsByHand.all(record),
        facts == null ? null : address(record, spec),
        pin == null ? null : pin.to(),
        isOutOfSync(record));
  }

  private @Nullable String address(VmRecord record, VmSpec spec) {
    return hypervisors
        .of(spec)
        .address(Observing.handle(record, data))
        .map(InetAddress::getHostAddress)
        .orElse(null);
  }

  /** A VM whose record cannot be read: missing is not empty. {@code status} says why. */
  VmSummary unreadable(VmName name) {
    return new VmSummary(
        name.value(),
        VmState.UNKNOWN.text(),
        false,
        "unknown",
        0,
        0,
        "unknown",
        null,
        null,
        "unknown",
        supervised);
  }

  /**
   * @param activity what is being done, in words
   * @param persistent whether a failure that is still tried again has lasted long
   * @param screen where its screen is seen, if it runs
   * @param guest what its agent says
   */
  VmStatus status(
      VmRecord record,
      Observation seen,
      String activity,
      boolean persistent,
      @Nullable String screen,
      @Nullable GuestView guest) {
    Applied applied = record.applied();
    LaunchFacts facts = applied == null ? null : applied.facts();
    Failure failure = record.failure();
    return new VmStatus(
        summary(record, seen),
        record.uuid().toString(),
        record.desired().generation(),
        applied == null ? 0 : applied.generation(),
        record.conditions().stream().map(Views::condition).toList(),
        record.holds().stream().map(Views::hold).toList(),
        record.restartCount(),
        provision(record),
        facts == null || facts.accel() == null ? null : facts.accel().text(),
        facts == null ? null : facts.accelReason(),
        facts == null ? null : facts.machine(),
        record.mac().value(),
        factsOfRunning(record, seen) == null ? null : screen,
        record.desired().spec().diskBytes(),
        paths(record),
        activity,
        isIdle(record, seen) || (failure != null && persistent),
        commit(record.desired(), applied),
        failure == null
            ? null
            : new VmStatus.Failure(failure.code().text(), failure.message(), failure.help()),
        shares(factsOfRunning(record, seen)),
        policy(record),
        guest);
  }

  /** Nothing is left to do: not even to start a guest whose end the loop has yet to act upon. */
  private static boolean isIdle(VmRecord record, Observation seen) {
    boolean ended = seen instanceof Observation.Absent || seen instanceof Observation.Exited;
    boolean comesBack =
        record.removal() == null
            && record.holds().isEmpty()
            && record.failure() == null
            && !record.staysEnded();
    return !(ended && comesBack)
        && record.condition(Type.RECONCILING).map(c -> c.status() == Status.FALSE).orElse(false);
  }

  private static PolicyView policy(VmRecord record) {
    VmSpec spec = record.desired().spec();
    ProbeSpec ready = spec.policy().ready();
    ProbeSpec liveness = spec.policy().liveness();
    Exit exit = record.lastExit();
    return new PolicyView(
        Objects.requireNonNull(PolicyFields.RESTART.effective(spec)).text(),
        ready == null ? (Reaching.hasSshServer(spec) ? "ssh" : "") : ready.text(),
        liveness == null ? "" : liveness.text(),
        spec.policy().dependsOn().stream().map(Dependency::text).toList(),
        exit == null ? null : new ExitView(exit.reason().text(), exit.at()));
  }

  /** What the agent of the guest that runs now has said; null when that was nothing. */
  static @Nullable GuestView guest(VmRecord record, VmRuntime.@Nullable Facts facts) {
    Applied applied = record.applied();
    if (facts == null || applied == null || !facts.incarnation().equals(applied.ready())) {
      return null;
    }
    return view(facts.said());
  }

  static GuestView view(GuestFacts said) {
    return new GuestView(said.hostname(), said.os(), said.addresses());
  }

  private static List<VmStatus.ShareView> shares(@Nullable LaunchFacts running) {
    return running == null
        ? List.of()
        : running.shares().stream()
            .map(
                share ->
                    new VmStatus.ShareView(
                        share.host().toString(),
                        share.guest(),
                        share.readOnly(),
                        share.via().text()))
            .toList();
  }

  /** A commit that changed nothing of the VM is running as soon as it is wanted. */
  private static @Nullable CommitView commit(Desired desired, @Nullable Applied applied) {
    String wanted = desired.revision();
    if (wanted == null) {
      return null;
    }
    boolean same = applied != null && applied.generation() == desired.generation();
    return new CommitView(same ? wanted : applied == null ? null : applied.revision(), wanted);
  }

  static VmState state(VmRecord record, Observation seen) {
    if (record.removal() != null && !Releases.isWanted(record)) {
      return VmState.DESTROYING;
    }
    boolean stopping = PowerSteps.isStopping(record);
    return switch (seen) {
      case Observation.Running running -> stopping ? VmState.STOPPING : VmState.RUNNING;
      case Observation.Suspended suspended -> VmState.SUSPENDED;
      case Observation.Unknown unknown -> VmState.UNKNOWN;
      case Observation.Exited exited -> VmState.STOPPED;
      case Observation.Absent absent -> notRunning(record);
    };
  }

  private static VmState notRunning(VmRecord record) {
    if (record.failure() != null) {
      return VmState.FAILED;
    }
    if (record.isHeld(Hold.Kind.SUSPENDED_TO_DISK) && record.saved().isPresent()) {
      return VmState.SUSPENDED;
    }
    if (!record.holds().isEmpty() || (record.staysEnded() && !crashed(record))) {
      return VmState.STOPPED;
    }
    if (record.applied() == null) {
      return record.phase() == VmRecord.Phase.CLAIMED ? VmState.PENDING : VmState.CREATING;
    }
    return crashed(record) ? VmState.FAILED : VmState.STOPPED;
  }

  private static boolean crashed(VmRecord record) {
    return record.lastExit() != null && Observing.isCrash(record.lastExit().reason());
  }

  static boolean isReady(VmRecord record, Observation seen) {
    Applied applied = record.applied();
    return seen instanceof Observation.Running && applied != null && applied.isReady();
  }

  /** Whether what runs is not what is declared. */
  static boolean isDrifted(VmRecord record) {
    Applied applied = record.applied();
    return applied == null
        || applied.generation() != record.desired().generation()
        || isOutOfSync(record);
  }

  private static boolean isOutOfSync(VmRecord record) {
    return record
        .condition(Type.OUT_OF_SYNC)
        .map(condition -> condition.status() == Status.TRUE)
        .orElse(false);
  }

  static @Nullable Long pid(Observation seen) {
    return switch (seen) {
      case Observation.Running(long pid) -> pid;
      case Observation.Suspended(long pid) -> pid;
      case Observation.Absent absent -> null;
      case Observation.Exited exited -> null;
      case Observation.Unknown unknown -> null;
    };
  }

  private static @Nullable LaunchFacts factsOfRunning(VmRecord record, Observation seen) {
    Applied applied = record.applied();
    boolean up =
        seen instanceof Observation.Running
            || seen instanceof Observation.Suspended
            || seen instanceof Observation.Unknown;
    return up && applied != null && applied.running() ? applied.facts() : null;
  }

  private ProvisionView provision(VmRecord record) {
    String hash = intents.stepsHash(record);
    Provisioned ended = record.provision();
    boolean done =
        hash.isEmpty()
            || (ended != null
                && ended.result() == Provisioned.Result.SUCCEEDED
                && ended.isFor(record.desired().diskId(), hash));
    return new ProvisionView(done, hash, record.desired().spec().provision().size());
  }

  private Map<String, String> paths(VmRecord record) {
    Path directory = data.vm(record.name());
    Map<String, Path> candidates = new LinkedHashMap<>();
    candidates.put("directory", directory);
    candidates.put("disk", directory.resolve(Disks.OVERLAY));
    candidates.put("seed", directory.resolve(Guests.SEED));
    candidates.put("serialLog", directory.resolve(LogFiles.CONSOLE));
    candidates.put("provisionLog", directory.resolve(Guests.PROVISION_LOG));
    candidates.put("qemuLog", directory.resolve(LogFiles.HYPERVISOR));
    Map<String, String> paths = new LinkedHashMap<>();
    candidates.forEach(
        (key, path) -> {
          if (Files.exists(path)) {
            paths.put(key, path.toString());
          }
        });
    if (record.desired().declaredAt() != null) {
      paths.put("vmfile", record.desired().declaredAt());
    }
    return paths;
  }

  private static ConditionView condition(Condition condition) {
    return new ConditionView(
        condition.type().text(),
        condition.status().text(),
        condition.reason(),
        condition.message(),
        condition.observedGeneration(),
        condition.lastTransitionTime());
  }

  private static HoldView hold(Hold hold) {
    return new HoldView(hold.kind().text(), hold.by(), hold.at(), hold.reason());
  }
}
