package dev.vmctl.api;

import java.time.Instant;

/**
 * @param id for {@code restore}
 * @param kind {@code vm} or {@code disk}
 */
public record TrashView(
    String id, String vm, String kind, Instant trashedAt, String reason, long sizeBytes) {}
