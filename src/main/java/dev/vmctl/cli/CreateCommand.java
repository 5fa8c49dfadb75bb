package dev.vmctl.cli;

import dev.vmctl.api.ApplyRequest;
import dev.vmctl.api.VmSummary;
import dev.vmctl.api.Vmctl;
import dev.vmctl.model.Declaration;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.Field;
import dev.vmctl.model.FieldValues;
import dev.vmctl.model.NetworkSpec;
import dev.vmctl.model.SourceId;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Set;
import java.util.TreeMap;
import java.util.concurrent.Callable;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.ArgGroup;
import picocli.CommandLine.Command;
import picocli.CommandLine.Mixin;
import picocli.CommandLine.Option;

/** {@code vmctl create}. */
@Command(
    name = "create",
    description = {
      "Make one VM without a VMFile.",
      "It is not started, and no daemon starts it, before 'start' or with --start."
    },
    footerHeading = "%nExamples:%n",
    footer = {
      "  vmctl create --name web --image debian-12.qcow2 --memory 2048 --start",
      "  vmctl create --name db --image-url https://example.org/db.qcow2.zst --disk 40",
      "  vmctl create --name ci --image-build ~/guests/debian --label stage=test --start",
    })
final class CreateCommand implements Callable<Integer> {
  private static final long BYTES_PER_GIGABYTE = 1L << 30;

  private final Session session;
  @Mixin private final WaitOptions wait = new WaitOptions();
  @Mixin private final CreateOptions more = new CreateOptions();

  @Option(names = "--name", required = true, paramLabel = "NAME", description = "Name of the VM.")
  private VmName name = new VmName("unset");

  @ArgGroup(multiplicity = "1")
  private ImageChoice image = new ImageChoice();

  @Option(
      names = "--vcpus",
      defaultValue = "1",
      description = "Virtual processors. Default: ${DEFAULT-VALUE}.")
  private int vcpus = 1;

  @Option(
      names = "--memory",
      paramLabel = "MIB",
      defaultValue = "1024",
      description = "Memory in MiB. Default: ${DEFAULT-VALUE}.")
  private long memoryMb = 1024;

  @Option(
      names = "--disk",
      paramLabel = "GIB",
      description = "Size of the disk in GiB. Default: the image's.")
  private @Nullable Long diskGigabytes;

  @Option(names = "--bridge", description = "Connect it to this bridge. Default: user networking.")
  private @Nullable String bridge;

  @Option(
      names = "--cloud-init",
      paramLabel = "FILE",
      description = "Raw cloud-config to hand to the guest as it is.")
  private @Nullable Path userData;

  @Option(names = "--ssh-key", paramLabel = "FILE", description = "Public key to authorise.")
  private @Nullable Path sshKey;

  @Option(names = "--uefi", description = "Boot with UEFI.")
  private boolean uefi;

  @Option(names = "--start", description = "Start it at once.")
  private boolean start;

  /** Exactly one of them. */
  static final class ImageChoice {
    @Option(names = "--image", paramLabel = "FILE", description = "Base image of this host.")
    @Nullable Path file;

    @Option(
        names = "--image-url",
        paramLabel = "URL",
        description = "Base image to download (http, https, oci).")
    @Nullable String url;

    @Option(
        names = "--image-build",
        paramLabel = "DIR|PROGRAM",
        description = "Base image to build: see 'vmctl explain image-build'.")
    @Nullable Path build;
  }

  CreateCommand(Session session) {
    this.session = session;
  }

  @Override
  public Integer call() {
    session.requireFilesOfThisHost();
    requirePositive("--vcpus", vcpus);
    requirePositive("--memory", memoryMb);
    if (diskGigabytes != null) {
      requirePositive("--disk", diskGigabytes);
    }
    if (bridge != null && !more.hasNetwork()) {
      throw new VmException(
          ErrorCode.USAGE, "--bridge and --no-network exclude each other", "leave one of them out");
    }
    Map<String, String> inputs = new TreeMap<>();
    VmSpec spec = spec(inputs);
    session.vmFiles().require(spec); // Before there is a record of a VM that can never be.
    ApplyRequest request =
        new ApplyRequest(
            SourceId.cli(),
            // No file declares it; the path only has to say so.
            List.of(new Declaration(spec, Path.of("/cli"), 1, inputs)),
            Set.of(name),
            false,
            !start,
            ApplyRequest.Provisioning.AS_NEEDED);
    try (Vmctl vmctl = session.writing()) {
      requireFree(vmctl);
      return new Errand(session, vmctl, Map.of(name, start ? Goal.READY : Goal.PREPARED))
          .waiting(wait)
          .run(() -> vmctl.apply(request));
    }
  }

  private VmSpec spec(Map<String, String> inputs) {
    Path imageFile = image.file == null ? null : existing(image.file, ErrorCode.IMAGE_NOT_FOUND);
    FieldValues values = new FieldValues();
    declare(values, VmFields.IMAGE, imageFile);
    declare(values, VmFields.IMAGE_URL, image.url);
    declare(
        values,
        VmFields.IMAGE_BUILD,
        image.build == null ? null : existingPlace(image.build, ErrorCode.IMAGE_NOT_FOUND));
    declare(values, VmFields.VCPUS, vcpus);
    declare(values, VmFields.MEMORY, memoryMb);
    declare(
        values,
        VmFields.DISK,
        diskGigabytes == null ? null : Math.multiplyExact(diskGigabytes, BYTES_PER_GIGABYTE));
    declare(values, VmFields.NETWORK, bridge == null ? null : new NetworkSpec.Tap(bridge));
    more.declare(values, file -> existing(file, ErrorCode.IO));
    declare(values, VmFields.UEFI, uefi ? Boolean.TRUE : null);
    declare(values, VmFields.CLOUD_INIT_SSH_KEY, input(sshKey, inputs));
    declare(values, VmFields.CLOUD_INIT_USER_DATA, input(userData, inputs));
    return VmSpec.of(name, values);
  }

  private static <T> void declare(FieldValues values, Field<T> field, @Nullable T value) {
    if (value != null) {
      values.put(field, value);
    }
  }

  private void requireFree(Vmctl vmctl) {
    for (VmSummary vm : vmctl.list()) {
      if (vm.name().equals(name.value())) {
        throw new VmException(
            ErrorCode.VM_NAME_TAKEN,
            "there is a VM '" + name + "' already, from " + vm.source(),
            "take another name, or remove that one: vmctl destroy " + name);
      }
    }
  }

  private @Nullable Path input(@Nullable Path written, Map<String, String> inputs) {
    if (written == null) {
      return null;
    }
    Path file = existing(written, ErrorCode.IO);
    try {
      MessageDigest digest = MessageDigest.getInstance("SHA-256");
      inputs.put(
          file.toString(),
          "sha256:" + HexFormat.of().formatHex(digest.digest(Files.readAllBytes(file))));
      return file;
    } catch (IOException unreadable) {
      throw new VmException(
          ErrorCode.IO,
          file + " cannot be read: " + unreadable.getMessage(),
          "check its path and permissions",
          unreadable);
    } catch (NoSuchAlgorithmException impossible) {
      throw new IllegalStateException("every JDK has SHA-256", impossible);
    }
  }

  private Path existingPlace(Path written, ErrorCode code) {
    Path place = session.surroundings().resolve(written);
    return Files.isDirectory(place) ? place : existing(written, code);
  }

  private Path existing(Path written, ErrorCode code) {
    Path file = session.surroundings().resolve(written);
    if (!Files.isRegularFile(file)) {
      throw new VmException(code, "there is no file " + file, "check the path");
    }
    return file;
  }

  private static void requirePositive(String option, long number) {
    if (number <= 0) {
      throw new VmException(
          ErrorCode.USAGE, option + " is " + number, "give a number of at least 1");
    }
  }
}
