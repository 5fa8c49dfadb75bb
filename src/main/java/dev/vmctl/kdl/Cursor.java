package dev.vmctl.kdl;

import static dev.vmctl.kdl.KdlProblem.Code;

/**
 * A place in a text, and how to get over whitespace and comments from there (sections "Whitespace",
 * "Line Continuation").
 *
 * <p>It also says whether problems are reported: the first one of a node's header silences the
 * others of that header, which would mostly be its consequences.
 */
final class Cursor {
  final KdlSource source;
  final String text;
  final int end;
  final KdlVersion version;
  final Problems problems;
  int position;

  /** Whether problems are dropped. */
  boolean quiet;

  Cursor(KdlSource source, int start, int end, KdlVersion version, Problems problems) {
    this.source = source;
    this.text = source.text();
    this.position = start;
    this.end = end;
    this.version = version;
    this.problems = problems;
  }

  /** The character here, or -1 at the end. */
  int peek() {
    return position < end ? text.charAt(position) : -1;
  }

  /** The character {@code ahead} of here, or -1 behind the end. */
  int peek(int ahead) {
    return position + ahead < end ? text.charAt(position + ahead) : -1;
  }

  boolean at(char first, char second) {
    return peek() == first && peek(1) == second;
  }

  boolean atSlashdash() {
    return at('/', '-');
  }

  KdlSpan span(int lead, int start) {
    return new KdlSpan(source, lead, start, position);
  }

  void report(Code code, int from, int to, String message, String help) {
    if (!quiet) {
      quiet = true;
      problems.add(new KdlProblem(code, message, new KdlSpan(source, from, from, to), help));
    }
  }

  /** Reports the character here, which may be a surrogate pair or the end. */
  void reportHere(Code code, String message, String help) {
    int to = position;
    if (to < end) {
      to += Character.charCount(text.codePointAt(to));
    }
    report(code, position, Math.min(to, end), message, help);
  }

  /** The character here as a message shows it. */
  String describeHere() {
    if (position >= end) {
      return "the end of the file";
    }
    if (Characters.isNewline(text.charAt(position))) {
      return "the end of the line";
    }
    return "'" + Excerpt.of(text, position, text.offsetByCodePoints(position, 1)) + "'";
  }

  /** Where the identifier characters from here end. */
  int endOfWord() {
    int at = position;
    while (at < end && (Characters.isWord(text.charAt(at), version) || isSlashOfWord(at))) {
      at++;
    }
    return at;
  }

  /** Whether a bare word can begin here; a number may as well. */
  boolean atWord() {
    return Characters.isWord(peek(), version) || isSlashOfWord(position);
  }

  /** The slash is an identifier character of KDL 1, where it begins no comment. */
  private boolean isSlashOfWord(int at) {
    return version == KdlVersion.V1
        && at < end
        && text.charAt(at) == '/'
        && (at + 1 == end || !Characters.isAfterSlash(text.charAt(at + 1)));
  }

  boolean isSpace(int c) {
    return Characters.isSpace(c) || (c == '\uFEFF' && version == KdlVersion.V1);
  }

  /** Gets over {@code node-space*}; says whether there was any. */
  boolean skipNodeSpace() {
    int from = position;
    while (position < end) {
      char c = text.charAt(position);
      if (isSpace(c)) {
        position++;
      } else if (c == '\\') {
        skipLineContinuation();
      } else if (!at('/', '*')) {
        break;
      } else {
        skipBlockComment();
      }
    }
    return position > from;
  }

  /** Gets over {@code line-space*}. */
  void skipLineSpace() {
    while (position < end) {
      char c = text.charAt(position);
      if (isSpace(c) || Characters.isNewline(c)) {
        position++;
      } else if (c == '\\' || at('/', '*')) {
        skipNodeSpace();
      } else if (at('/', '/')) {
        skipLineComment();
      } else {
        break;
      }
    }
  }

  /** From {@code //} to behind the newline. */
  void skipLineComment() {
    skipToNewline();
    skipNewline();
  }

  void skipToNewline() {
    while (position < end && !Characters.isNewline(text.charAt(position))) {
      position++;
    }
  }

  /** Gets over one newline; says whether there was one. */
  boolean skipNewline() {
    int length = position < end ? Characters.newlineLength(text, position, end) : 0;
    position += length;
    return length > 0;
  }

  /** From the opening to the end of the comment; comments nest, to any depth. */
  void skipBlockComment() {
    int open = position;
    int depth = 0;
    do {
      if (at('/', '*')) {
        depth++;
        position += 2;
      } else if (at('*', '/')) {
        depth--;
        position += 2;
      } else {
        position++;
      }
    } while (depth > 0 && position < end);
    if (depth > 0) {
      String help = "close it with */; every /* inside it needs its own";
      report(Code.UNCLOSED_COMMENT, open, open + 2, "this comment is never closed", help);
    }
  }

  private void skipLineContinuation() {
    int open = position++;
    while (position < end && (isSpace(text.charAt(position)) || at('/', '*'))) {
      if (text.charAt(position) == '/') {
        skipBlockComment();
      } else {
        position++;
      }
    }
    if (at('/', '/')) {
      skipLineComment();
    } else if (!skipNewline() && (position < end || version == KdlVersion.V1)) {
      String help = "a backslash continues a node on the next line and must end its own";
      report(Code.LINE_CONTINUATION, open, open + 1, "no line ends after this backslash", help);
    }
  }

  /** Gets over what cannot be understood, at least one character, to where an entry can begin. */
  void skipJunk() {
    do {
      position++;
    } while (position < end && !isBoundary(text.charAt(position)));
  }

  private boolean isBoundary(char c) {
    return isSpace(c) || Characters.isNewline(c) || "{};\"".indexOf(c) >= 0;
  }
}
