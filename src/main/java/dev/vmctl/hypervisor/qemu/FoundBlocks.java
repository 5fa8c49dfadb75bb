package dev.vmctl.hypervisor.qemu;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmctl.host.AtomicFiles;
import dev.vmctl.hypervisor.FoundDisk;
import dev.vmctl.model.DiskSpec;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * The disks of a machine that others have started, from QEMU's {@code query-block}.
 *
 * @param writable what is disks of its guest
 * @param seed what cloud-init reads; null when there is none
 * @param variables of UEFI firmware; null when there are none
 * @param notes what vmctl could not give it again
 */
record FoundBlocks(
    List<FoundDisk> writable, @Nullable Path seed, @Nullable Path variables, List<String> notes) {
  /** Where an ISO 9660 image has its label, and what cloud-init looks for. */
  private static final int LABEL_OFFSET = 16 * 2048 + 40;

  private static final String SEED_LABEL = "cidata";

  /**
   * @param directory what relative paths count from
   */
  static FoundBlocks of(JsonNode answer, Path directory) {
    List<FoundDisk> disks = new ArrayList<>();
    List<String> notes = new ArrayList<>();
    Path seed = null;
    Path variables = null;
    for (JsonNode block : answer) {
      JsonNode inserted = block.path("inserted");
      if (inserted.isMissingNode()) {
        continue;
      }
      Path file = directory.resolve(inserted.path("file").asText()).normalize();
      boolean readOnly = inserted.path("ro").asBoolean();
      if (isFirmware(block)) {
        variables = readOnly ? variables : file;
      } else if (!readOnly) {
        disks.add(disk(inserted, file, directory));
      } else if (seed == null && isSeed(file)) {
        seed = file;
      } else {
        notes.add("its read-only medium " + file);
      }
    }
    return new FoundBlocks(List.copyOf(disks), seed, variables, List.copyOf(notes));
  }

  private static boolean isFirmware(JsonNode block) {
    return block.path("device").asText().startsWith("pflash")
        || block.path("qdev").asText().contains("/system.flash");
  }

  private static FoundDisk disk(JsonNode inserted, Path file, Path directory) {
    String format = inserted.path("drv").asText();
    if (!List.of("qcow2", "raw").contains(format)) {
      throw refused("its disk " + file + " is in the format '" + format + "'");
    }
    if (!Files.isRegularFile(file)) {
      throw refused("its disk " + file + " is no file that can be found here");
    }
    String base = inserted.path("image").path("full-backing-filename").asText("");
    return new FoundDisk(
        real(file),
        format,
        inserted.path("image").path("virtual-size").asLong(),
        base.isEmpty() ? null : directory.resolve(base).normalize());
  }

  /** One file has one name, by which it is known whether somebody else has it. */
  private static Path real(Path file) {
    try {
      return file.toRealPath();
    } catch (IOException e) {
      throw AtomicFiles.failure("read the disk", file, e);
    }
  }

  /**
   * @param named null when it must be clear without that
   */
  FoundDisk root(@Nullable Path named) {
    if (writable.isEmpty()) {
      throw refused("it has no disk that it writes to");
    }
    String all =
        writable.stream().map(each -> each.file().toString()).collect(Collectors.joining(", "));
    if (named == null && writable.size() > 1) {
      throw new VmException(
          ErrorCode.VM_INVALID_STATE,
          "it has several disks: " + all,
          "say which it boots from: --disk PATH");
    }
    FoundDisk root =
        writable.stream()
            .filter(each -> named == null || each.file().equals(real(named)))
            .findFirst()
            .orElseThrow(
                () ->
                    new VmException(
                        ErrorCode.VM_INVALID_STATE,
                        named + " is none of its disks",
                        "it has these: " + all));
    for (FoundDisk each : writable) {
      if (!each.equals(root) && each.isRaw()) {
        throw refused("its further disk " + each.file() + " is raw");
      }
    }
    if (writable.size() > DiskSpec.MOST + 1) {
      throw refused("it has " + writable.size() + " disks");
    }
    return root;
  }

  private static VmException refused(String why) {
    return new VmException(
        ErrorCode.VM_INVALID_STATE,
        "the machine cannot be adopted: " + why,
        "vmctl starts machines from files: a root disk (qcow2 or raw), and up to "
            + DiskSpec.MOST
            + " further ones (qcow2)");
  }

  private static boolean isSeed(Path file) {
    byte[] label = new byte[SEED_LABEL.length()];
    try (RandomAccessFile image = new RandomAccessFile(file.toFile(), "r")) {
      if (image.length() < LABEL_OFFSET + label.length) {
        return false;
      }
      image.seek(LABEL_OFFSET);
      image.readFully(label);
      return new String(label, StandardCharsets.US_ASCII).equalsIgnoreCase(SEED_LABEL);
    } catch (IOException unreadable) {
      // Then it is no seed that could be given to it again, and is noted as what it is.
      return false;
    }
  }
}
