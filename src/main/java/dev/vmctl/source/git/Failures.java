package dev.vmctl.source.git;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.nio.file.NoSuchFileException;
import org.jspecify.annotations.Nullable;

/** Says what kept a repository from being fetched. */
final class Failures {
  private Failures() {}

  static VmException of(String what, @Nullable Throwable cause) {
    String reason = cause == null ? "" : reason(cause);
    return new VmException(
        ErrorCode.SOURCE_UNAVAILABLE, reason.isEmpty() ? what : what + ": " + reason, "", cause);
  }

  /** Our own words if there are any, else the innermost ones: the outer ones name our classes. */
  private static String reason(Throwable failure) {
    String said = "";
    for (Throwable each = failure; each != null; each = each.getCause()) {
      String message = each.getMessage();
      if (each instanceof VmException || each instanceof Budget.ExceededException) {
        return String.valueOf(message);
      }
      if (each instanceof NoSuchFileException) {
        return message + " does not exist";
      }
      if (message != null && !message.isBlank() && !message.startsWith("java.")) {
        said = each instanceof IOException || said.isEmpty() ? message : said;
      }
    }
    return said.lines().findFirst().orElse(failure.getClass().getSimpleName());
  }
}
