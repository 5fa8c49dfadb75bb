package dev.vmctl.controller;

import dev.vmctl.disk.Disks;
import dev.vmctl.hypervisor.Hypervisor;
import dev.vmctl.image.ImageSource;
import dev.vmctl.model.Capabilities.Capability;
import dev.vmctl.model.Change;
import dev.vmctl.model.CloudInitSpec;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.Unsupported;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import dev.vmctl.plan.Action;
import dev.vmctl.plan.Plan;
import dev.vmctl.store.Applied;
import dev.vmctl.store.VmRecord;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Finds out before a guest is stopped whether what is to come after can be done. */
final class Preflight {
  private final EngineParts parts;
  private final DataDisks dataDisks;
  private final DiskOrigins origins;
  private final Room room;

  Preflight(EngineParts parts, DataDisks dataDisks, Room room) {
    this.room = room;
    this.parts = parts;
    this.origins = new DiskOrigins(parts);
    this.dataDisks = dataDisks;
  }

  /** Whether it has to look before this is done. */
  static boolean isFor(Action action) {
    return action instanceof Action.Create || action instanceof Action.Prepare;
  }

  /**
   * Checks what the plan needs once the guest is down.
   *
   * @return an image that must be fetched first
   * @throws VmException what stands in the way
   */
  Optional<ImageSource> check(VmRecord record, Plan plan) {
    VmSpec spec = record.desired().spec();
    checkHost(spec);
    Hypervisor hypervisor = parts.hypervisors().of(spec);
    hypervisor.checkAvailable();
    checkInputs(spec);
    if (plan.actions().stream().anyMatch(Action.TrashDisk.class::isInstance)) {
      Intents.refuseIfPrevented(spec, "replaced");
    }
    Applied applied = record.applied();
    hypervisor.checkDeclared(spec, applied == null ? null : applied.spec());
    if (!hypervisor.capabilities().has(Capability.DISK)) {
      return Optional.empty();
    }
    dataDisks.check(record);
    if (plan.actions().stream().anyMatch(Action.Create.class::isInstance)) {
      ImageSource source = ImageSource.of(spec).orElseThrow(() -> noImage(record.name()));
      return origins.kept(record).isPresent() || origins.image(record).isPresent()
          ? dataDisks.missingImage(spec)
          : Optional.of(source);
    }
    if (!isForAnotherDisk(record, plan)) {
      checkNotShrinking(record.name(), rootSize(record), spec.diskBytes());
    }
    return dataDisks.missingImage(spec);
  }

  /** A VM that is held gets it at its next start: how large the present one is, is no matter. */
  private static boolean isForAnotherDisk(VmRecord record, Plan plan) {
    Applied applied = record.applied();
    return plan.hardest() == Change.REPLACE
        || (applied != null && !applied.diskId().equals(record.desired().diskId()));
  }

  /**
   * @throws VmException backend.capability_missing; host.memory_exceeded
   */
  void checkHost(VmSpec spec) {
    parts.hypervisors().checkSupported(spec);
    room.check(spec);
  }

  /**
   * @throws VmException disk.missing when one is gone; image.invalid when one is no disk any more
   */
  void checkDisks(VmRecord record) {
    rootSize(record);
    dataDisks.checkMade(record);
  }

  private long rootSize(VmRecord record) {
    return parts.disks().virtualSize(parts.data().vm(record.name()).resolve(Disks.OVERLAY));
  }

  /**
   * @throws VmException io, image.not_found when a declared file cannot be read
   */
  void checkInputs(VmSpec spec) {
    checkReadable("kernel", spec.kernel());
    checkReadable("initrd", spec.initrd());
    CloudInitSpec init = spec.cloudInit();
    if (init != null) {
      checkReadable("cloud-init.ssh-key", init.sshKey());
      checkReadable("cloud-init.user-data", init.userData());
    }
  }

  private static void checkNotShrinking(VmName name, long present, @Nullable Long wanted) {
    if (wanted != null && wanted < present) {
      throw new VmException(
          ErrorCode.DISK_SHRINK,
          "the disk of "
              + name
              + " has "
              + present
              + " bytes, "
              + wanted
              + " are declared: a disk is never shrunk",
          "declare at least its present size; for a smaller disk make a new one: destroy the VM and declare it again");
    }
  }

  private static void checkReadable(String field, @Nullable Path file) {
    if (file != null && !Files.isReadable(file)) {
      throw new VmException(
          ErrorCode.IMAGE_NOT_FOUND,
          field + ": " + file + (Files.exists(file) ? " cannot be read" : " does not exist"),
          "check the path in the VMFile, and that this user may read it");
    }
  }

  static void require(Hypervisor hypervisor, Capability capability) {
    if (!hypervisor.capabilities().has(capability)) {
      throw Unsupported.refusal(capability, hypervisor.backend());
    }
  }

  static VmException noImage(VmName name) {
    return new VmException(
        ErrorCode.VMFILE_VALIDATION,
        "no image is declared for " + name,
        "add image \"path\" or image-url \"https://…\" to its vm node");
  }

  static VmException noSsh(VmName name) {
    return new VmException(
        ErrorCode.PROVISION_FAILED,
        name + " has provision steps, but no network to reach it by",
        "give it network \"user\", or remove the steps");
  }
}
