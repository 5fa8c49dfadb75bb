package dev.vmctl.controller;

import dev.vmctl.hypervisor.Hypervisor;
import dev.vmctl.hypervisor.Observation;
import dev.vmctl.plan.HeldBack;
import dev.vmctl.plan.Plan;
import dev.vmctl.store.VmRecord;

/**
 * One look at a VM: what is remembered, what is seen, and what follows.
 *
 * @param target the record without the declared changes that wait for somebody to ask for them
 * @param mayStart whether its restart policy lets it be started
 */
record Look(
    VmRecord record,
    VmRecord target,
    HeldBack heldBack,
    Hypervisor hypervisor,
    Observation seen,
    boolean mayStart,
    Plan plan) {}
