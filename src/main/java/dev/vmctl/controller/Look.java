package dev.vmctl.controller;

import dev.vmctl.hypervisor.Hypervisor;
import dev.vmctl.hypervisor.Observation;
import dev.vmctl.plan.Plan;
import dev.vmctl.store.VmRecord;

/**
 * One look at a VM: what is remembered, what is seen, and what follows.
 *
 * @param mayStart whether its restart policy lets it be started
 */
record Look(
    VmRecord record, Hypervisor hypervisor, Observation seen, boolean mayStart, Plan plan) {}
