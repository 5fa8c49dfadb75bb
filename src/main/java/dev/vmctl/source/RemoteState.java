package dev.vmctl.source;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * How a remote source stands.
 *
 * @param suspended whether it is left alone
 * @param commit the commit whose declarations are in force; empty before the first
 * @param wanted the commit its branch was seen at last; empty before it was reached
 * @param reachedAt when it was reached last; null when it was not since the start
 * @param problem what is wrong with it: it cannot be reached, or {@code wanted} cannot be taken;
 *     empty when nothing is
 */
public record RemoteState(
    boolean suspended,
    String commit,
    String wanted,
    @Nullable Instant reachedAt,
    Standing standing,
    String problem) {
  /** What keeps it from being followed. */
  public enum Standing {
    /** Nothing. */
    GOOD,
    /** It could not be reached the last time. */
    UNREACHABLE,
    /** {@code wanted} cannot be taken. */
    REFUSED
  }

  public RemoteState {
    Objects.requireNonNull(commit);
    Objects.requireNonNull(wanted);
    Objects.requireNonNull(standing);
    Objects.requireNonNull(problem);
  }
}
