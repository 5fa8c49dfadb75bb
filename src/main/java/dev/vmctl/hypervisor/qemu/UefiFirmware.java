package dev.vmctl.hypervisor.qemu;

import java.nio.file.Path;

/**
 * UEFI firmware: its code, and the variables of one VM.
 *
 * @param code read-only, shared by all
 * @param variables the VM's own copy
 * @param secure whether it checks signatures, and keeps its variables from the guest's kernel
 */
record UefiFirmware(Path code, Path variables, boolean secure) {}
