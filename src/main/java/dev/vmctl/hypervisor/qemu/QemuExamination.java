package dev.vmctl.hypervisor.qemu;

import dev.vmctl.host.HostFacts;
import dev.vmctl.model.Finding;
import dev.vmctl.model.VmException;
import dev.vmctl.network.TapDevices;
import java.util.ArrayList;
import java.util.List;

/** What there is to say of QEMU, and of what it can use, on this host. */
final class QemuExamination {
  private final QemuBinaries binaries;
  private final KvmProof proof;
  private final HostFacts facts;
  private final TapDevices taps;
  private final QemuUser user;

  QemuExamination(
      QemuBinaries binaries, KvmProof proof, HostFacts facts, TapDevices taps, QemuUser user) {
    this.user = user;
    this.binaries = binaries;
    this.proof = proof;
    this.facts = facts;
    this.taps = taps;
  }

  List<Finding> run() throws InterruptedException {
    List<Finding> findings = new ArrayList<>();
    try {
      QemuBinary qemu = binaries.current();
      findings.add(
          Finding.ok("qemu", qemu.path() + ", version " + qemu.major() + "." + qemu.minor()));
      findings.add(
          qemu.sandbox()
              ? Finding.ok("qemu sandbox", "built in")
              : Finding.warn(
                  "qemu sandbox",
                  "this QEMU was built without seccomp: its system calls are not confined",
                  "use a QEMU built with seccomp, as distributions have it"));
      findings.addAll(user.examine());
      KvmVerdict kvm = proof.verdict(qemu.path());
      findings.add(
          kvm.usable()
              ? Finding.ok("kvm", kvm.reason())
              : Finding.warn(
                  "kvm",
                  kvm.reason() + ": guests are emulated, many times slower",
                  "enable virtualisation in the firmware, load kvm_intel or kvm_amd, join the group kvm"));
    } catch (VmException e) {
      findings.add(Finding.fail("qemu", e.getMessage(), e.help()));
    }
    findings.add(tool("qemu-img", "disks cannot grow, and no VM be exported", "qemu-utils"));
    findings.add(
        UefiFirmwares.installed()
            .map(code -> Finding.ok("uefi firmware", code.toString()))
            .orElseGet(
                () ->
                    Finding.warn(
                        "uefi firmware",
                        "none is installed: VMs with \"uefi\" do not start",
                        "apt-get install ovmf")));
    findings.add(tool("swtpm", "VMs cannot have a TPM", "swtpm"));
    findings.addAll(taps.examine());
    return findings;
  }

  private Finding tool(String program, String without, String debianPackage) {
    return facts
        .findProgram(program)
        .map(path -> Finding.ok(program, path.toString()))
        .orElseGet(
            () ->
                Finding.warn(
                    program, "not installed: " + without, "apt-get install " + debianPackage));
  }
}
