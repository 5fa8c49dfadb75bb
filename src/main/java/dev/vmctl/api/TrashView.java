package dev.vmctl.api;

import java.time.Instant;

/**
 * @param id for {@code restore}
 * @param kind {@code vm}, {@code disk}, or {@code disk:} and the name of a data disk
 */
public record TrashView(
    String id, String vm, String kind, Instant trashedAt, String reason, long sizeBytes) {}
