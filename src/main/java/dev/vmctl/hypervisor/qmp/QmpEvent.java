package dev.vmctl.hypervisor.qmp;

import com.fasterxml.jackson.databind.JsonNode;
import java.time.Instant;

/**
 * Something QEMU told unasked.
 *
 * @param name in capitals, such as {@code SHUTDOWN}
 * @param data what belongs to it; a missing node when there is nothing
 * @param at when it happened by the host's clock, to the microsecond
 */
public record QmpEvent(String name, JsonNode data, Instant at) {}
