package dev.vmctl.vmfile;

import java.math.BigDecimal;
import java.math.RoundingMode;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Times as they are written in a VMFile: {@code 500ms}, {@code 30s}, {@code 5m}, {@code 1.5h}. */
final class TimeSpan {
  /** Longest time that can be meant. */
  static final Duration LONGEST = Duration.ofDays(365);

  private record Unit(String name, long millis) {}

  private static final List<Unit> UNITS =
      List.of(
          new Unit("d", 86_400_000),
          new Unit("h", 3_600_000),
          new Unit("m", 60_000),
          new Unit("s", 1000),
          new Unit("ms", 1));

  private TimeSpan() {}

  /** The time; empty if it is none, is negative, or is longer than {@link #LONGEST}. */
  static Optional<Duration> parse(String text) {
    Optional<Quantity.Written> written = Quantity.take(text);
    if (written.isEmpty() || written.get().number().signum() < 0) {
      return Optional.empty();
    }
    String unit = written.get().unit().toLowerCase(Locale.ROOT);
    return UNITS.stream()
        .filter(each -> each.name().equals(unit))
        .findFirst()
        .map(each -> written.get().number().multiply(BigDecimal.valueOf(each.millis())))
        .filter(millis -> millis.compareTo(BigDecimal.valueOf(LONGEST.toMillis())) <= 0)
        .map(millis -> Duration.ofMillis(millis.setScale(0, RoundingMode.HALF_UP).longValue()));
  }

  /** In the largest unit that keeps it whole. */
  static String text(Duration time) {
    long millis = time.toMillis();
    for (Unit unit : UNITS) {
      if (millis % unit.millis() == 0 && millis >= unit.millis()) {
        return millis / unit.millis() + unit.name();
      }
    }
    return "0s";
  }
}
