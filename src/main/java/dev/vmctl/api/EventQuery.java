package dev.vmctl.api;

import dev.vmctl.model.VmName;
import java.time.Instant;
import org.jspecify.annotations.Nullable;

/**
 * @param vm only of this VM; null for all
 * @param since only at or after this; null for all there are
 */
public record EventQuery(@Nullable VmName vm, @Nullable Instant since) {}
