package dev.vmctl.api;

import org.jspecify.annotations.Nullable;

/**
 * One line of {@code list}; the component names are the stable JSON fields.
 *
 * @param state see {@link dev.vmctl.model.VmState}, lower case
 * @param ready the Ready condition holds
 * @param network {@code user}, {@code tap:br0}, {@code vnic:x}, {@code none}
 * @param pid null when it does not run or has no process here
 * @param source where it is declared
 * @param supervised whether a daemon keeps it so
 */
public record VmSummary(
    String name,
    String state,
    boolean ready,
    String backend,
    int vcpus,
    long memoryMb,
    String network,
    @Nullable Long pid,
    @Nullable Integer sshPort,
    String source,
    boolean supervised) {}
