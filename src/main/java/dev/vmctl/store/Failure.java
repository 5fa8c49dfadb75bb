package dev.vmctl.store;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.util.Objects;

/**
 * Why a VM is not as declared.
 *
 * @param generation the generation it happened with
 * @param stalled whether nothing more is tried until something changes
 */
public record Failure(
    ErrorCode code, String message, String help, long generation, boolean stalled) {
  public Failure {
    Objects.requireNonNull(code);
    Objects.requireNonNull(message);
    Objects.requireNonNull(help);
  }

  public static Failure of(VmException cause, long generation) {
    return new Failure(
        cause.code(), cause.getMessage(), cause.help(), generation, !cause.code().isTransient());
  }
}
