package dev.vmctl.kdl;

import static dev.vmctl.kdl.KdlProblem.Code;

import java.math.BigDecimal;
import java.math.BigInteger;
import org.jspecify.annotations.Nullable;

/** Reads numbers (section "Number"), which both versions write almost alike. */
final class NumberLiterals {
  /** Reading digits takes quadratic time; nobody means a number of more of them. */
  private static final int MAXIMUM_DIGITS = 4096;

  /** What a {@link BigDecimal} still holds. */
  private static final int MAXIMUM_EXPONENT_DIGITS = 9;

  private static final int DIGITS_OF_LONG = 18;

  private final Cursor cursor;

  NumberLiterals(Cursor cursor) {
    this.cursor = cursor;
  }

  boolean startsNumber() {
    int c = cursor.peek();
    return Characters.isDigit(c) || (Characters.isSign(c) && Characters.isDigit(cursor.peek(1)));
  }

  @Nullable KdlValue read(int lead, int start, @Nullable KdlString type) {
    int from = cursor.position;
    int to = cursor.endOfWord();
    cursor.position = to;
    int digits = Characters.isSign(cursor.text.charAt(from)) ? from + 1 : from;
    int radix = radixAt(digits, to);
    int first = radix == 10 ? digits : digits + 2;
    int end = endOfDigits(first, to, radix);
    if (end == first) {
      return fail(from, to);
    }
    KdlSpan span = cursor.span(lead, start);
    if (end < to) {
      return radix == 10 ? decimal(from, end, to, type, span) : fail(from, to);
    }
    if (end - first > MAXIMUM_DIGITS) {
      return failSize(from, to);
    }
    return new KdlInteger(integer(from, first, end, radix), radix, type, span);
  }

  private int radixAt(int at, int to) {
    if (at + 1 >= to || cursor.text.charAt(at) != '0') {
      return 10;
    }
    return switch (cursor.text.charAt(at + 1)) {
      case 'x' -> 16;
      case 'o' -> 8;
      case 'b' -> 2;
      default -> 10;
    };
  }

  /** The end of {@code digit (digit | '_')*}, or {@code from} if there is no digit. */
  private int endOfDigits(int from, int to, int radix) {
    int at = from;
    while (at < to && isDigit(cursor.text.charAt(at), radix, at > from)) {
      at++;
    }
    return at;
  }

  /** KDL 1 has underscores everywhere but there. */
  private int endOfFraction(int from, int to) {
    if (cursor.version == KdlVersion.V2) {
      return endOfDigits(from, to, 10);
    }
    int at = from;
    while (at < to && Characters.isDigit(cursor.text.charAt(at))) {
      at++;
    }
    return at;
  }

  private static boolean isDigit(char c, int radix, boolean mayBeUnderscore) {
    return c < 0x80 && (Character.digit(c, radix) >= 0 || (c == '_' && mayBeUnderscore));
  }

  private BigInteger integer(int from, int first, int end, int radix) {
    boolean negative = cursor.text.charAt(from) == '-';
    if (radix == 10 && end - first <= DIGITS_OF_LONG) {
      long value = 0;
      for (int at = first; at < end; at++) {
        char c = cursor.text.charAt(at);
        if (c != '_') {
          value = value * 10 + (c - '0');
        }
      }
      return BigInteger.valueOf(negative ? -value : value);
    }
    BigInteger value = new BigInteger(withoutUnderscores(first, end), radix);
    return negative ? value.negate() : value;
  }

  private @Nullable KdlValue decimal(
      int from, int integerEnd, int to, @Nullable KdlString type, KdlSpan span) {
    int at = integerEnd;
    if (cursor.text.charAt(at) == '.') {
      int fraction = at + 1;
      at = endOfFraction(fraction, to);
      if (at == fraction) {
        return fail(from, to);
      }
    }
    int mantissaEnd = at;
    if (at < to && (cursor.text.charAt(at) | 0x20) == 'e') {
      at++;
      if (at < to && Characters.isSign(cursor.text.charAt(at))) {
        at++;
      }
      int exponent = at;
      at = endOfDigits(exponent, to, 10);
      if (at == exponent) {
        return fail(from, to);
      }
      if (withoutLeadingZeros(exponent, at) > MAXIMUM_EXPONENT_DIGITS) {
        return at < to ? fail(from, to) : failSize(from, to);
      }
    }
    if (at < to) {
      return fail(from, to);
    }
    if (mantissaEnd - from > MAXIMUM_DIGITS) {
      return failSize(from, to);
    }
    return new KdlDecimal(new BigDecimal(withoutUnderscores(from, to)), type, span);
  }

  private int withoutLeadingZeros(int from, int to) {
    int at = from;
    while (at < to && (cursor.text.charAt(at) == '0' || cursor.text.charAt(at) == '_')) {
      at++;
    }
    return to - at;
  }

  private String withoutUnderscores(int from, int to) {
    return cursor.text.substring(from, to).replace("_", "");
  }

  private @Nullable KdlValue fail(int from, int to) {
    String word = Excerpt.of(cursor.text, from, to);
    String help =
        word.endsWith(",")
            ? "KDL separates values by spaces, without commas"
            : "if it is meant as text, put it in quotes: \"" + word + "\"";
    cursor.report(Code.NUMBER, from, to, "'" + word + "' is not a number", help);
    return null;
  }

  private @Nullable KdlValue failSize(int from, int to) {
    String help =
        "a number may have " + MAXIMUM_DIGITS + " digits and an exponent up to 999,999,999";
    cursor.report(Code.NUMBER_SIZE, from, to, "this number is too large to read", help);
    return null;
  }
}
