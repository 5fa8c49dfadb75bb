package dev.vmctl.kdl;

import static dev.vmctl.kdl.KdlProblem.Code;

import org.jspecify.annotations.Nullable;

/** The literals of KDL 2.0.0 (sections "String", "Number", "Boolean", "Null"). */
final class LiteralsTwo implements Literals {
  private final Cursor cursor;
  private final Escapes escapes;
  private final QuotedStrings quoted;
  private final NumberLiterals numbers;

  LiteralsTwo(Cursor cursor) {
    this.cursor = cursor;
    this.escapes = new Escapes(cursor);
    this.quoted = new QuotedStrings(cursor, escapes);
    this.numbers = new NumberLiterals(cursor);
  }

  @Override
  public boolean startsString() {
    int c = cursor.peek();
    return c == '"'
        || (c == '#' && (cursor.peek(1) == '"' || cursor.peek(1) == '#'))
        || (Characters.isWord(c, KdlVersion.V2) && !numbers.startsNumber());
  }

  @Override
  public boolean mayBeKey() {
    return true;
  }

  @Override
  public @Nullable String string() {
    return switch (cursor.peek()) {
      case '"' ->
          cursor.peek(1) == '"' && cursor.peek(2) == '"'
              ? new MultiLineString(cursor, escapes).read(cursor.position, 0)
              : quoted.quoted();
      case '#' -> raw();
      default -> identifier();
    };
  }

  private @Nullable String raw() {
    int open = cursor.position;
    while (cursor.peek() == '#') {
      cursor.position++;
    }
    int hashes = cursor.position - open;
    if (cursor.peek() != '"') {
      String help = "a raw string is written #\"…\"#";
      cursor.report(Code.UNEXPECTED_CHARACTER, open, cursor.position, "stray '#'", help);
      return null;
    }
    return cursor.peek(1) == '"' && cursor.peek(2) == '"'
        ? new MultiLineString(cursor, escapes).read(open, hashes)
        : quoted.raw(open, hashes);
  }

  private @Nullable String identifier() {
    int from = cursor.position;
    int to = cursor.endOfWord();
    cursor.position = to;
    String word = cursor.text.substring(from, to);
    switch (BareWords.judge(word)) {
      case FINE -> {
        return word;
      }
      case KEYWORD -> {
        String help = "write #%s for the keyword, \"%s\" for the text".formatted(word, word);
        cursor.report(
            Code.BARE_KEYWORD, from, to, "'" + word + "' is not allowed as a bare word", help);
      }
      case LIKE_A_NUMBER -> {
        String help =
            "a number needs a digit before the dot; text that looks like one needs quotes";
        String shown = Excerpt.of(cursor.text, from, to);
        cursor.report(Code.NUMBER, from, to, "'" + shown + "' is not a number", help);
      }
    }
    return null;
  }

  @Override
  public @Nullable KdlValue value(int lead, int start, @Nullable KdlString type) {
    if (numbers.startsNumber()) {
      return numbers.read(lead, start, type);
    }
    if (startsString()) {
      String string = string();
      return string == null ? null : new KdlString(string, type, cursor.span(lead, start));
    }
    if (cursor.peek() == '#') {
      return keyword(lead, start, type);
    }
    return null;
  }

  private @Nullable KdlValue keyword(int lead, int start, @Nullable KdlString type) {
    int from = cursor.position++;
    cursor.position = cursor.endOfWord();
    String word = Excerpt.of(cursor.text, from, cursor.position);
    KdlSpan span = cursor.span(lead, start);
    return switch (word) {
      case "#true" -> new KdlBoolean(true, type, span);
      case "#false" -> new KdlBoolean(false, type, span);
      case "#null" -> new KdlNull(type, span);
      case "#inf" -> new KdlSpecial(KdlSpecial.Kind.INFINITY, type, span);
      case "#-inf" -> new KdlSpecial(KdlSpecial.Kind.NEGATIVE_INFINITY, type, span);
      case "#nan" -> new KdlSpecial(KdlSpecial.Kind.NOT_A_NUMBER, type, span);
      default -> {
        String help = "the keywords are #true, #false, #null, #inf, #-inf and #nan";
        String message = "'" + word + "' is not a keyword";
        cursor.report(Code.UNKNOWN_KEYWORD, from, cursor.position, message, help);
        yield null;
      }
    };
  }
}
