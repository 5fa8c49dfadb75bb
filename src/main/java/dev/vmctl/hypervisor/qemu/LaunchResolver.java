package dev.vmctl.hypervisor.qemu;

import dev.vmctl.hypervisor.Launch;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.Accel;
import dev.vmctl.model.CardSpec;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.Field;
import dev.vmctl.model.LaunchFacts;
import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmSpec;
import dev.vmctl.network.PrivateNetwork;
import dev.vmctl.network.TapDevices;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Decides what a declaration leaves open: the machine type stays what it was before, the
 * accelerator is chosen afresh at each start, because the host may have changed.
 */
final class LaunchResolver {
  private final KvmProof proof;
  private final TapDevices taps;
  private final ShareServers shares;

  LaunchResolver(KvmProof proof, TapDevices taps, ShareServers shares) {
    this.proof = proof;
    this.taps = taps;
    this.shares = shares;
  }

  /**
   * @param sshPort host port for the guest's SSH, used with user networking
   */
  QemuMachine resolve(Launch launch, QemuBinary binary, KvmVerdict accelerator, int sshPort) {
    VmSpec spec = launch.spec();
    Accel accel = accelerator.usable() ? Accel.KVM : Accel.TCG;
    return new QemuMachine(
        machineType(launch, binary),
        accel,
        cpu(spec, accel),
        effective(VmFields.VCPUS, spec),
        Math.max(effective(VmFields.VCPUS, spec), Objects.requireNonNullElse(spec.vcpusMax(), 0)),
        effective(VmFields.MEMORY, spec),
        Math.max(
            effective(VmFields.MEMORY, spec), Objects.requireNonNullElse(spec.memoryMaxMb(), 0L)),
        cards(launch, sshPort),
        launch.disk(),
        launch.dataDisks(),
        shares.resolve(launch.spec()),
        launch.seed(),
        effective(VmFields.UEFI, spec)
            ? UefiFirmwares.prepare(
                new QemuFiles(launch.vm()), effective(VmFields.SECURE_BOOT, spec))
            : null,
        effective(VmFields.TPM, spec),
        boot(spec));
  }

  /** KVM (usable) or TCG (not), and why that one. */
  KvmVerdict accelerator(VmSpec spec, QemuBinary binary) throws InterruptedException {
    return switch (effective(VmFields.ACCEL, spec)) {
      case TCG -> new KvmVerdict(false, "declared");
      case KVM -> {
        KvmVerdict verdict = proof.verdict(binary.path());
        if (!verdict.usable()) {
          throw new VmException(
              ErrorCode.KVM_UNUSABLE,
              "KVM cannot be used: " + verdict.reason(),
              "repair KVM on this host, or declare accel \"auto\" or \"tcg\"");
        }
        yield new KvmVerdict(true, "declared; " + verdict.reason());
      }
      case AUTO -> {
        KvmVerdict verdict = proof.verdict(binary.path());
        String prefix = verdict.usable() ? "KVM works: " : "KVM cannot be used: ";
        yield new KvmVerdict(verdict.usable(), prefix + verdict.reason());
      }
    };
  }

  private static String machineType(Launch launch, QemuBinary binary) {
    String declared = effective(VmFields.MACHINE, launch.spec());
    String resolved = binary.aliases().getOrDefault(declared, declared);
    LaunchFacts previous = launch.previous();
    if (previous != null && !previous.machine().isEmpty() && !resolved.equals(declared)) {
      resolved = previous.machine();
    }
    if (!binary.machines().contains(resolved)) {
      throw new VmException(
          ErrorCode.QEMU_FEATURE_MISSING,
          binary.path() + " has no machine type '" + resolved + "'",
          "see '" + binary.path() + " -machine help'");
    }
    return resolved;
  }

  private static String cpu(VmSpec spec, Accel accel) {
    String declared = spec.cpu();
    if (declared == null) {
      return accel == Accel.KVM ? "host" : "max";
    }
    if (!QemuMachine.isCpu(declared)) {
      throw new VmException(
          ErrorCode.VMFILE_VALIDATION,
          "'" + declared + "' is not a CPU model",
          "use a model, with features after commas if need be, such as \"host\" or \"max,-avx\"");
    }
    return declared;
  }

  /** The first card with QEMU's own network has the ports that lead into the guest. */
  private List<QemuCard> cards(Launch launch, int sshPort) {
    List<QemuCard> cards = new ArrayList<>();
    int users = 0;
    int others = 0;
    for (CardSpec card : launch.spec().cards(launch.vm().uuid(), launch.mac())) {
      boolean beside = card.name().equals(CardSpec.BESIDE);
      int number = card.name().isEmpty() || beside ? 0 : ++others;
      QemuNetwork network = network(launch, number, card.network(), users, sshPort);
      users += network instanceof QemuNetwork.User ? 1 : 0;
      if (number > 0) {
        int place = QemuCard.FIRST_PLACE + number - 1;
        cards.add(new QemuCard("-" + card.name(), place, card.mac(), network));
      } else {
        int place = beside ? QemuCard.BESIDE_PLACE : QemuCard.ANYWHERE;
        cards.add(new QemuCard(beside ? "1" : "0", place, card.mac(), network));
      }
    }
    return cards;
  }

  private QemuNetwork network(
      Launch launch, int card, NetworkSpec network, int number, int sshPort) {
    return switch (network) {
      case NetworkSpec.User user ->
          number == 0
              ? new QemuNetwork.User(0, sshPort, launch.spec().forwards())
              : new QemuNetwork.User(number, null, List.of());
      case NetworkSpec.Tap tap ->
          new QemuNetwork.Tap(
              taps.open(launch.vm().name(), launch.vm().uuid(), card, tap.bridge()), tap.bridge());
      case NetworkSpec.Private lan ->
          new QemuNetwork.Private(lan.name(), new PrivateNetwork(lan).meeting(scope(launch.vm())));
      case NetworkSpec.None none -> throw new IllegalArgumentException("a card without a network");
      case NetworkSpec.Vnic vnic ->
          throw new VmException(
              ErrorCode.CAPABILITY_MISSING,
              "QEMU has no network \"vnic\"",
              "use network \"user\", \"tap\", \"private\" or \"none\"");
    };
  }

  /** All VMs of a data directory have theirs in one. */
  private static Path scope(VmHandle vm) {
    return Objects.requireNonNullElse(vm.directory().getParent(), vm.directory());
  }

  private static QemuMachine.@Nullable DirectBoot boot(VmSpec spec) {
    Path kernel = spec.kernel();
    return kernel == null
        ? null
        : new QemuMachine.DirectBoot(
            kernel, spec.initrd(), Objects.requireNonNullElse(spec.cmdline(), ""));
  }

  private static <T> T effective(Field<T> field, VmSpec spec) {
    return Objects.requireNonNull(field.effective(spec), field.path());
  }
}
