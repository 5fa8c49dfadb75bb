package dev.vmctl.kdl;

import static dev.vmctl.kdl.KdlProblem.Code;

import org.jspecify.annotations.Nullable;

/**
 * The literals of KDL 1.0.0: keywords without a hash, raw strings as {@code r#"…"#}, quoted strings
 * over several lines, and bare words only as names, keys and types.
 */
final class LiteralsOne implements Literals {
  private final Cursor cursor;
  private final QuotedStrings quoted;
  private final NumberLiterals numbers;

  LiteralsOne(Cursor cursor) {
    this.cursor = cursor;
    this.quoted = new QuotedStrings(cursor, new Escapes(cursor));
    this.numbers = new NumberLiterals(cursor);
  }

  @Override
  public boolean startsString() {
    int c = cursor.peek();
    return c == '"' || (cursor.atWord() && !numbers.startsNumber());
  }

  @Override
  public boolean mayBeKey() {
    int end = cursor.endOfWord();
    return cursor.peek() == '"'
        || rawHashes() >= 0
        || (end < cursor.end && cursor.text.charAt(end) == '=');
  }

  @Override
  public @Nullable String string() {
    if (cursor.peek() == '"') {
      return quoted.quoted();
    }
    int hashes = rawHashes();
    if (hashes >= 0) {
      int open = cursor.position;
      cursor.position += 1 + hashes;
      return quoted.raw(open, hashes);
    }
    int from = cursor.position;
    cursor.position = cursor.endOfWord();
    String word = cursor.text.substring(from, cursor.position);
    if (isKeyword(word)) {
      String help = "put it in quotes: \"" + word + "\"";
      cursor.report(
          Code.BARE_KEYWORD, from, cursor.position, "'" + word + "' is a value, not a name", help);
      return null;
    }
    return word;
  }

  /** The hashes of the raw string that begins here; -1 if none begins. */
  private int rawHashes() {
    if (cursor.peek() != 'r') {
      return -1;
    }
    int hashes = 0;
    while (cursor.peek(1 + hashes) == '#') {
      hashes++;
    }
    return cursor.peek(1 + hashes) == '"' ? hashes : -1;
  }

  private static boolean isKeyword(String word) {
    return word.equals("true") || word.equals("false") || word.equals("null");
  }

  @Override
  public @Nullable KdlValue value(int lead, int start, @Nullable KdlString type) {
    if (numbers.startsNumber()) {
      return numbers.read(lead, start, type);
    }
    if (cursor.peek() == '"' || rawHashes() >= 0) {
      String string = string();
      return string == null ? null : new KdlString(string, type, cursor.span(lead, start));
    }
    return startsString() ? keyword(lead, start, type) : null;
  }

  private @Nullable KdlValue keyword(int lead, int start, @Nullable KdlString type) {
    int from = cursor.position;
    cursor.position = cursor.endOfWord();
    String word = Excerpt.of(cursor.text, from, cursor.position);
    KdlSpan span = cursor.span(lead, start);
    return switch (word) {
      case "true" -> new KdlBoolean(true, type, span);
      case "false" -> new KdlBoolean(false, type, span);
      case "null" -> new KdlNull(type, span);
      default -> {
        String help = "put it in quotes: \"" + word + "\"";
        String message = "KDL 1 has no bare words as values";
        cursor.report(Code.BARE_WORD, from, cursor.position, message, help);
        yield null;
      }
    };
  }
}
