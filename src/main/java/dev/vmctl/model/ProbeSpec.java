package dev.vmctl.model;

import java.time.Duration;
import java.util.List;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/**
 * When a guest counts as well: all of the checks pass.
 *
 * @param checks at least one
 * @param timeout for {@code ready}: how long after its start the guest may take; for {@code
 *     liveness}: how long one check may take
 * @param interval between two looks
 * @param failures for {@code liveness}: how many looks in a row fail before a restart
 */
public record ProbeSpec(
    List<ProbeCheck> checks,
    @Nullable Duration timeout,
    @Nullable Duration interval,
    @Nullable Integer failures) {
  public ProbeSpec {
    checks = List.copyOf(checks);
    if (checks.isEmpty()) {
      throw new IllegalArgumentException("a probe without a check");
    }
  }

  /** Short form for tables and plans. */
  public String text() {
    String all = checks.stream().map(ProbeCheck::text).collect(Collectors.joining(", "));
    return all
        + (timeout == null ? "" : " timeout=" + timeout.toSeconds() + "s")
        + (interval == null ? "" : " interval=" + interval.toMillis() + "ms")
        + (failures == null ? "" : " failures=" + failures);
  }
}
