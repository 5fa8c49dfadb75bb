package dev.vmctl.model;

import org.jspecify.annotations.Nullable;

/** How changes and removal are handled; a null component was not declared. */
public record LifecycleSpec(
    @Nullable ApplyPolicy apply,
    @Nullable Boolean preventDestroy,
    @Nullable OnRemove onRemove,
    @Nullable OnFailedReplace onFailedReplace) {}
