package dev.vmctl.daemon;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.io.PrintStream;
import java.net.BindException;
import org.jspecify.annotations.Nullable;

/**
 * Why the daemon did not start, for the person who started it.
 *
 * @param bug the trace of a failure nobody foresaw; null for one that was
 */
record StartupFailure(ErrorCode code, String message, String help, @Nullable Throwable bug) {

  static StartupFailure usage(String message, String help) {
    return new StartupFailure(ErrorCode.USAGE, message, help, null);
  }

  static StartupFailure of(Throwable failure, Listen listen) {
    for (Throwable cause = failure; cause != null; cause = cause.getCause()) {
      if (cause instanceof VmException known) {
        return new StartupFailure(known.code(), known.getMessage(), known.help(), null);
      }
      if (cause instanceof IOException bind && isOfBinding(bind)) {
        return new StartupFailure(
            ErrorCode.PORT_TAKEN,
            "cannot serve metrics and health on " + listen + ": " + reason(bind),
            "name another port with --listen 127.0.0.1:PORT, or none with --listen none",
            null);
      }
    }
    return new StartupFailure(
        ErrorCode.INTERNAL,
        "the daemon could not start: " + failure,
        "this is a bug; please report it with the trace below",
        failure);
  }

  /**
   * The native transport has an exception of its own, {@code bind(..) failed with error…}. The
   * API's socket cannot be meant: whatever stood in its place was removed.
   */
  private static boolean isOfBinding(IOException failure) {
    return failure instanceof BindException
        || String.valueOf(failure.getMessage()).startsWith("bind(");
  }

  private static String reason(IOException failure) {
    String message = String.valueOf(failure.getMessage());
    return message.substring(message.lastIndexOf(": ") < 0 ? 0 : message.lastIndexOf(": ") + 2);
  }

  /** {@code error[code]: message}, and below it the help. */
  String text() {
    String line = "error[" + code.text() + "]: " + message;
    return help.isEmpty() ? line : line + "\n  help: " + help;
  }

  void print(PrintStream stream) {
    stream.println(text());
    if (bug != null) {
      bug.printStackTrace(stream);
    }
  }
}
