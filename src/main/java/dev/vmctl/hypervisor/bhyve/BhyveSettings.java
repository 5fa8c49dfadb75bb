package dev.vmctl.hypervisor.bhyve;

import java.nio.file.Path;
import java.time.Duration;

/**
 * @param devices where devices are
 * @param bootRom UEFI firmware for bhyve, of package {@code edk2-bhyve}
 * @param variables template of its variables; older packages have none, and guests then forget what
 *     they set
 * @param start how long bhyve may take until its VM is allocated
 * @param settle how long it has to run to count as started: a command line it does not like ends it
 *     within this
 * @param end how long bhyve may take to end after it was told to, before it is told harder
 */
public record BhyveSettings(
    Path devices, Path bootRom, Path variables, Duration start, Duration settle, Duration end) {
  /** What FreeBSD uses. */
  public static BhyveSettings standard() {
    Path firmware = Path.of("/usr/local/share/uefi-firmware");
    return new BhyveSettings(
        Path.of("/dev"),
        firmware.resolve("BHYVE_UEFI.fd"),
        firmware.resolve("BHYVE_UEFI_VARS.fd"),
        Duration.ofSeconds(10),
        Duration.ofMillis(500),
        Duration.ofSeconds(10));
  }
}
