package dev.vmctl.model;

import java.nio.file.Path;
import org.jspecify.annotations.Nullable;

/**
 * What a VMFile says about the first boot.
 *
 * @param hostname the guest's name; the VM's own name when absent
 * @param sshKey public key file to authorise; a key pair is generated when absent and there is no
 *     {@code userData}
 * @param userData raw cloud-config, passed through untouched; no key is injected then
 */
public record CloudInitSpec(
    @Nullable String hostname, @Nullable Path sshKey, @Nullable Path userData) {}
