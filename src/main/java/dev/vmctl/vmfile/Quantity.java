package dev.vmctl.vmfile;

import java.math.BigDecimal;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A size in bytes, as written: maybe negative, maybe not whole.
 *
 * <p>Units are powers of 1024, for memory and disks alike, as QEMU has them. {@code GB} is refused:
 * to some it is 1024³, to others 1000³.
 */
record Quantity(BigDecimal bytes) {
  /** The units, each 1024 times the one before. */
  static final List<String> UNITS = List.of("B", "KiB", "MiB", "GiB", "TiB", "PiB");

  static final int MEBIBYTE = 20;
  static final int GIBIBYTE = 30;

  /** Digits beyond which a number is no size of anything, and costs time to count with. */
  private static final int MOST_DIGITS = 40;

  private static final Pattern FORM = Pattern.compile("([+-]?[0-9]+(?:\\.[0-9]+)?) ?([A-Za-z]*)");

  /** A number and the unit behind it. */
  record Written(BigDecimal number, String unit) {}

  /** Takes a text apart; empty if it is not a number with or without a word behind it. */
  static Optional<Written> take(String text) {
    if (text.length() > MOST_DIGITS) {
      return Optional.empty();
    }
    Matcher found = FORM.matcher(text.strip());
    return found.matches()
        ? Optional.of(new Written(new BigDecimal(found.group(1)), found.group(2)))
        : Optional.empty();
  }

  /** The power of two of a unit ({@code GiB} and {@code G} are 30); empty if there is none. */
  static Optional<Integer> shift(String unit) {
    for (int i = 0; i < UNITS.size(); i++) {
      String name = UNITS.get(i).toLowerCase(Locale.ROOT);
      String word = unit.toLowerCase(Locale.ROOT);
      if (word.equals(name) || (i > 0 && word.equals(name.substring(0, 1)))) {
        return Optional.of(10 * i);
      }
    }
    return Optional.empty();
  }

  /** What a unit of that power of two is called in a sentence. */
  static String unit(int shift) {
    return shift == 0 ? "bytes" : UNITS.get(shift / 10);
  }

  /** So many units of that power of two. */
  static Quantity of(BigDecimal number, int shift) {
    return new Quantity(number.multiply(BigDecimal.valueOf(1L << shift)));
  }

  /** Whether its absolute value has more digits than anything that has a size. */
  static boolean isBeyondAll(BigDecimal number) {
    return number.signum() != 0 && (long) number.precision() - number.scale() > MOST_DIGITS;
  }

  /** In whole units of that power of two; empty if it is not whole. */
  Optional<BigDecimal> whole(int shift) {
    if (bytes.signum() == 0) {
      return Optional.of(BigDecimal.ZERO);
    }
    BigDecimal plain = bytes.stripTrailingZeros();
    if (plain.scale() > MOST_DIGITS) {
      return Optional.empty();
    }
    BigDecimal[] parts = plain.divideAndRemainder(BigDecimal.valueOf(1L << shift));
    return parts[1].signum() == 0 ? Optional.of(parts[0]) : Optional.empty();
  }

  /** A number of units of that power of two, in the largest unit that keeps it whole. */
  static String text(long number, int shift) {
    int unit = shift / 10;
    long rest = number;
    while (rest != 0 && rest % 1024 == 0 && unit < UNITS.size() - 1) {
      rest /= 1024;
      unit++;
    }
    return rest + " " + UNITS.get(unit);
  }
}
