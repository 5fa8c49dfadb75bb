package dev.vmctl.daemon;

import dev.vmctl.api.LogKind;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.time.Duration;
import java.time.Instant;
import java.time.format.DateTimeParseException;
import java.util.Arrays;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Reads what stands in paths and queries. JAX-RS would answer 404 to a number that is none; we say
 * what is wrong with it.
 */
final class Parameters {
  /** How long an answer may be waited for; the bound of {@link dev.vmctl.api.Vmctl}. */
  static final Duration LONGEST_WAIT = Duration.ofSeconds(60);

  private static final Duration LONGEST_GRACE = Duration.ofHours(1);

  private Parameters() {}

  static Set<VmName> names(@Nullable String text) {
    return text == null
        ? Set.of()
        : Stream.of(text.split(",", -1)).map(VmName::new).collect(Collectors.toUnmodifiableSet());
  }

  static @Nullable VmName optionalName(@Nullable String text) {
    return text == null ? null : new VmName(text);
  }

  static VmName name(String parameter, @Nullable String text) {
    if (text == null) {
      throw usage(parameter + " is missing", "name a VM");
    }
    return new VmName(text);
  }

  static Duration waitSeconds(@Nullable String text) {
    return seconds("waitSeconds", text, LONGEST_WAIT);
  }

  static Duration graceSeconds(@Nullable String text) {
    if (text == null) {
      throw usage("graceSeconds is missing", "say how long the guest may take");
    }
    return seconds("graceSeconds", text, LONGEST_GRACE);
  }

  static long number(String name, @Nullable String text) {
    if (text == null) {
      return 0;
    }
    try {
      return Long.parseLong(text);
    } catch (NumberFormatException e) {
      throw usage(name + " is not a whole number: '" + text + "'", "");
    }
  }

  /** A number of a generation; null when none is said. */
  static @Nullable Long generation(String name, @Nullable String text) {
    return text == null ? null : (Long) number(name, text);
  }

  /** Strict: a misspelt {@code purge=ture} must not pass for false, nor for true. */
  static boolean flag(String name, @Nullable String text) {
    if (text == null || text.equals("false")) {
      return false;
    }
    if (text.equals("true")) {
      return true;
    }
    throw usage(name + " is neither true nor false: '" + text + "'", "");
  }

  static @Nullable Instant instant(String name, @Nullable String text) {
    try {
      return text == null ? null : Instant.parse(text);
    } catch (DateTimeParseException e) {
      throw usage(
          name + " is not a time: '" + text + "'", "write it like 2026-01-31T23:59:59Z, in UTC");
    }
  }

  static LogKind logKind(String text) {
    return Arrays.stream(LogKind.values())
        .filter(kind -> kind.text().equals(text))
        .findFirst()
        .orElseThrow(
            () -> usage("there is no log '" + text + "'", "console, provision or hypervisor"));
  }

  /** The body, which JAX-RS leaves out without a word. */
  static <T> T body(@Nullable T body) {
    if (body == null) {
      throw usage("the request has no body", "send JSON");
    }
    return body;
  }

  private static Duration seconds(String name, @Nullable String text, Duration longest) {
    long seconds = number(name, text);
    if (seconds < 0 || seconds > longest.toSeconds()) {
      throw usage(name + " is not between 0 and " + longest.toSeconds() + ": " + seconds, "");
    }
    return Duration.ofSeconds(seconds);
  }

  private static VmException usage(String message, String help) {
    return new VmException(ErrorCode.USAGE, message, help);
  }
}
