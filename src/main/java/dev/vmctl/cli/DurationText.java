package dev.vmctl.cli;

import java.time.Duration;
import java.util.Locale;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.TypeConversionException;

/** Spans of time as people write them: {@code 30}, {@code 45s}, {@code 1h30m}. */
final class DurationText {
  private static final Pattern FORM =
      Pattern.compile("(?:(\\d{1,6})d)?(?:(\\d{1,6})h)?(?:(\\d{1,6})m)?(?:(\\d{1,9})s?)?");

  private DurationText() {}

  static Duration parse(String text) {
    Matcher matcher = FORM.matcher(text);
    if (text.isEmpty() || !matcher.matches()) {
      throw new TypeConversionException(
          "'" + text + "' is not a time: write seconds, or such as 45s, 10m, 1h30m");
    }
    return Duration.ofDays(number(matcher.group(1)))
        .plusHours(number(matcher.group(2)))
        .plusMinutes(number(matcher.group(3)))
        .plusSeconds(number(matcher.group(4)));
  }

  /** For progress: tenths below ten seconds, then whole seconds, then minutes. */
  static String of(Duration time) {
    if (time.toSeconds() < 10) {
      return String.format(Locale.ROOT, "%.1fs", time.toMillis() / 1000.0);
    }
    return time.toMinutes() == 0
        ? time.toSeconds() + "s"
        : time.toMinutes() + "m" + String.format(Locale.ROOT, "%02ds", time.toSecondsPart());
  }

  private static long number(@Nullable String digits) {
    return digits == null ? 0 : Long.parseLong(digits);
  }
}
