package dev.vmctl.hypervisor.qemu;

import dev.vmctl.host.AtomicFiles;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Optional;

/** Finds the host's UEFI firmware and gives each VM its own variables. */
final class UefiFirmwares {
  /** Where the distributions put it, 4 MiB builds first: code, then variables. */
  private static final List<List<String>> PLACES =
      List.of(
          List.of("/usr/share/OVMF/OVMF_CODE_4M.fd", "/usr/share/OVMF/OVMF_VARS_4M.fd"),
          List.of("/usr/share/edk2/x64/OVMF_CODE.4m.fd", "/usr/share/edk2/x64/OVMF_VARS.4m.fd"),
          List.of("/usr/share/edk2/ovmf/OVMF_CODE.fd", "/usr/share/edk2/ovmf/OVMF_VARS.fd"),
          List.of("/usr/share/qemu/ovmf-x86_64-code.bin", "/usr/share/qemu/ovmf-x86_64-vars.bin"),
          List.of("/usr/share/OVMF/OVMF_CODE.fd", "/usr/share/OVMF/OVMF_VARS.fd"));

  /** With the keys of Microsoft, whose signatures distributions' boot loaders have. */
  private static final List<List<String>> SECURE_PLACES =
      List.of(
          List.of("/usr/share/OVMF/OVMF_CODE_4M.ms.fd", "/usr/share/OVMF/OVMF_VARS_4M.ms.fd"),
          List.of(
              "/usr/share/edk2/ovmf/OVMF_CODE.secboot.fd",
              "/usr/share/edk2/ovmf/OVMF_VARS.secboot.fd"),
          List.of(
              "/usr/share/qemu/ovmf-x86_64-smm-ms-code.bin",
              "/usr/share/qemu/ovmf-x86_64-smm-ms-vars.bin"),
          List.of("/usr/share/OVMF/OVMF_CODE.ms.fd", "/usr/share/OVMF/OVMF_VARS.ms.fd"));

  private UefiFirmwares() {}

  /** The code of the firmware that would be used. */
  static Optional<Path> installed() {
    return place(PLACES).map(pair -> Path.of(pair.getFirst()));
  }

  private static Optional<List<String>> place(List<List<String>> places) {
    return places.stream()
        .filter(pair -> pair.stream().allMatch(file -> Files.isReadable(Path.of(file))))
        .findFirst();
  }

  /**
   * The firmware for one VM; its variables are copied only when it has none yet.
   *
   * @param files where those are; the ones of secure boot are others, as they hold its keys
   * @throws VmException qemu.feature_missing when there is no such firmware on this host
   */
  static UefiFirmware prepare(QemuFiles files, boolean secure) {
    List<String> place = place(secure ? SECURE_PLACES : PLACES).orElseThrow(() -> missing(secure));
    Path variables = secure ? files.secureVariables() : files.uefiVariables();
    if (!Files.exists(variables)) {
      Path template = Path.of(place.getLast());
      try {
        AtomicFiles.write(variables, Files.readAllBytes(template), AtomicFiles.Access.OWNER);
      } catch (IOException e) {
        throw AtomicFiles.failure("read", template, e);
      }
    }
    return new UefiFirmware(Path.of(place.getFirst()), variables, secure);
  }

  private static VmException missing(boolean secure) {
    return new VmException(
        ErrorCode.QEMU_FEATURE_MISSING,
        "no UEFI firmware" + (secure ? " with secure boot" : "") + " is installed",
        "install it (Debian, Ubuntu: apt-get install ovmf), or remove "
            + (secure ? "\"secure-boot\"" : "\"uefi\""));
  }
}
