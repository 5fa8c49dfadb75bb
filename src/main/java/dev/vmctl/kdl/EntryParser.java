package dev.vmctl.kdl;

import static dev.vmctl.kdl.KdlProblem.Code;

import org.jspecify.annotations.Nullable;

/** Reads names, types, arguments and properties (sections "Type Annotation" to "Argument"). */
final class EntryParser {
  private final Cursor cursor;
  private final Literals literals;

  /** KDL 2 allows whitespace around {@code =} and around types, KDL 1 does not. */
  private final boolean spacious;

  EntryParser(Cursor cursor) {
    this.cursor = cursor;
    this.literals = Literals.of(cursor);
    this.spacious = cursor.version == KdlVersion.V2;
  }

  /** Reads a node's name. */
  @Nullable String string() {
    if (literals.startsString()) {
      return literals.string();
    }
    int c = cursor.peek();
    String help = "a name with special characters needs quotes";
    if (c == '{') {
      help = "a block needs a name before it";
    } else if (c == '#') {
      help = "comments begin with //";
    } else if (Characters.isDigit(c) || Characters.isSign(c)) {
      help = "a name that begins like a number needs quotes";
    }
    String message = "a node's name is expected, not " + cursor.describeHere();
    cursor.reportHere(Code.NAME_EXPECTED, message, help);
    return null;
  }

  /** Reads a type annotation, from its opening parenthesis on. */
  @Nullable KdlString type() {
    int open = cursor.position++;
    skipSpace();
    int from = cursor.position;
    String type = literals.startsString() ? literals.string() : null;
    KdlString result = type == null ? null : new KdlString(type, null, cursor.span(open + 1, from));
    skipSpace();
    if (result != null && cursor.peek() == ')') {
      cursor.position++;
      return result;
    }
    String help = "a type is one word in parentheses, as in (u8)5";
    cursor.reportHere(
        Code.TYPE_ANNOTATION,
        type == null
            ? "a type is expected, not " + cursor.describeHere()
            : "')' is expected after the type, not " + cursor.describeHere(),
        help);
    recoverType();
    return null;
  }

  private void recoverType() {
    while (cursor.position < cursor.end) {
      char c = cursor.text.charAt(cursor.position);
      if (c == ')') {
        cursor.position++;
        return;
      }
      if (Characters.isNewline(c) || "{};".indexOf(c) >= 0) {
        return;
      }
      cursor.position++;
    }
  }

  /**
   * Reads an argument or a property.
   *
   * @param spaced whether there is whitespace before it, as there must be
   */
  @Nullable KdlEntry entry(int lead, boolean spaced) {
    int start = cursor.position;
    if (!spaced && mayBegin()) {
      reportSpace(start);
    }
    KdlEntry entry =
        literals.startsString() && literals.mayBeKey()
            ? stringOrProperty(lead, start)
            : value(lead, start);
    if (entry == null && cursor.position == start) {
      reportUnexpected();
      cursor.skipJunk();
    }
    return entry;
  }

  private boolean mayBegin() {
    int c = cursor.peek();
    return c == '"' || c == '(' || c == '#' || cursor.atWord();
  }

  private void reportSpace(int start) {
    boolean rawOfOne =
        start > 0 && cursor.text.charAt(start - 1) == 'r' && cursor.peek() != '(' && spacious;
    String help = rawOfOne ? "a raw string is written #\"…\"# in KDL 2" : "put a space before it";
    cursor.reportHere(Code.SPACE_EXPECTED, "a space is missing here", help);
  }

  private void reportUnexpected() {
    String message = "an argument or a property is expected, not " + cursor.describeHere();
    String help =
        switch (cursor.peek()) {
          case '[', ']' -> "KDL has no lists: write the values one after another";
          case '=' -> "a property, key=value, stands behind a node's name and a space";
          case ',' -> "KDL separates values by spaces, without commas";
          case '/' -> "text with a slash needs quotes";
          default -> "text with special characters needs quotes";
        };
    cursor.reportHere(Code.UNEXPECTED_CHARACTER, message, help);
  }

  private @Nullable KdlEntry stringOrProperty(int lead, int start) {
    String string = literals.string();
    if (string == null) {
      return null;
    }
    KdlSpan span = cursor.span(lead, start);
    KdlString text = new KdlString(string, null, span);
    return skipEquals() ? property(text) : text;
  }

  /** Gets over the equals sign of a property and the whitespace around it, if there is one. */
  boolean skipEquals() {
    int end = cursor.position;
    int problems = cursor.problems.size();
    boolean quiet = cursor.quiet;
    skipSpace();
    if (cursor.peek() == '=') {
      cursor.position++;
      skipSpace();
      return true;
    }
    cursor.problems.forgetAfter(problems);
    cursor.quiet = quiet;
    cursor.position = end;
    return false;
  }

  private @Nullable KdlEntry property(KdlString key) {
    int from = cursor.position;
    KdlValue value = value(key.span().end(), from);
    if (value == null) {
      if (cursor.position == from) {
        String message = "a value is expected after '=', not " + cursor.describeHere();
        cursor.reportHere(Code.VALUE_EXPECTED, message, "an empty text is written \"\"");
      }
      return null;
    }
    return new KdlProperty(key, value, cursor.span(key.span().lead(), key.span().start()));
  }

  /** Null without a report, and without having moved, if nothing that begins here is a value. */
  @Nullable KdlValue value(int lead, int start) {
    if (cursor.peek() != '(') {
      return literals.value(lead, start, null);
    }
    KdlString type = type();
    if (type == null) {
      return null;
    }
    skipSpace();
    KdlValue value = literals.value(lead, start, type);
    if (value == null) {
      String help = "a type annotation needs a value after it, as in (u8)5";
      cursor.reportHere(Code.VALUE_EXPECTED, "the value of this type is missing", help);
    } else if (cursor.peek() == '=') {
      String help = "the type of a property's value stands before the value: key=(type)value";
      cursor.report(Code.TYPE_ANNOTATION, start, cursor.position, "a key has no type", help);
    }
    return value;
  }

  private void skipSpace() {
    if (spacious) {
      cursor.skipNodeSpace();
    }
  }

  /** Goes to the brace that closes the block, without reading what is in it; false without one. */
  boolean skipBlock() {
    int open = 1;
    while (cursor.position < cursor.end) {
      int from = cursor.position;
      int c = cursor.peek();
      if (c == '}' && --open == 0) {
        return true;
      }
      open += c == '{' ? 1 : 0;
      if (cursor.at('/', '/')) {
        cursor.skipLineComment();
      } else if (cursor.at('/', '*')) {
        cursor.skipBlockComment();
      } else if (literals.startsString()) {
        literals.string();
      }
      if (cursor.position == from) {
        cursor.position++;
      }
    }
    return false;
  }
}
