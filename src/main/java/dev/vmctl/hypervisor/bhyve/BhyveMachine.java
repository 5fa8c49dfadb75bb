package dev.vmctl.hypervisor.bhyve;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.MacAddress;
import dev.vmctl.model.VmException;
import java.nio.file.Path;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * A virtual machine with nothing left open: all that its command line is made of.
 *
 * @param memoryMb MiB
 * @param tap name of the tap device, which is on its bridge already; null for no card
 * @param disk root disk, raw: a file or a zvol's device
 * @param seed NoCloud seed, raw; null for none
 * @param bootRom UEFI firmware
 * @param variables its variables, the VM's own; null when the firmware keeps none
 * @param vncPort port of 127.0.0.1 for the screen
 */
record BhyveMachine(
    int vcpus,
    long memoryMb,
    MacAddress mac,
    @Nullable String tap,
    Path disk,
    @Nullable Path seed,
    Path bootRom,
    @Nullable Path variables,
    int vncPort) {
  BhyveMachine {
    Objects.requireNonNull(mac);
    Stream.of(disk, seed, bootRom, variables)
        .filter(Objects::nonNull)
        .map(Path::toString)
        .filter(path -> path.indexOf(',') >= 0)
        .findFirst()
        .ifPresent(
            path -> {
              throw new VmException(
                  ErrorCode.VMFILE_VALIDATION,
                  "bhyve cannot use a file with a comma in its path: " + path,
                  "use a data directory without commas in its path");
            });
  }
}
