package dev.vmctl.model;

import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A failure a user is told about: what failed and why (the message), a stable code to search for,
 * and what to do next (the help).
 */
public final class VmException extends RuntimeException {
  private static final long serialVersionUID = 1L;

  private final ErrorCode code;
  private final String help;

  public VmException(ErrorCode code, String message, String help) {
    this(code, message, help, null);
  }

  public VmException(ErrorCode code, String message, String help, @Nullable Throwable cause) {
    super(Objects.requireNonNull(message), cause);
    this.code = Objects.requireNonNull(code);
    this.help = Objects.requireNonNull(help);
  }

  /** For who was interrupted while waiting, as its thread stays. */
  public static VmException interrupted(Object awaited, InterruptedException e) {
    Thread.currentThread().interrupt();
    return new VmException(
        ErrorCode.TIMEOUT, "interrupted while waiting for " + awaited, "try again", e);
  }

  public ErrorCode code() {
    return code;
  }

  /** What the user can do about it; may be empty, never null. */
  public String help() {
    return help;
  }

  @Override
  public String getMessage() {
    return Objects.requireNonNull(super.getMessage());
  }
}
