package dev.vmctl.kdl;

import org.jspecify.annotations.Nullable;

/**
 * Strings, numbers and keywords as one version of the language writes them. What cannot be read is
 * reported, gives null, and leaves the cursor where reading can go on.
 */
sealed interface Literals permits LiteralsOne, LiteralsTwo {
  static Literals of(Cursor cursor) {
    return switch (cursor.version) {
      case V1 -> new LiteralsOne(cursor);
      case V2 -> new LiteralsTwo(cursor);
    };
  }

  /** Whether a string begins here. */
  boolean startsString();

  /** Whether the string that begins here may turn out to be the key of a property. */
  boolean mayBeKey();

  /** Reads the string that begins here as a name, a key or a type. */
  @Nullable String string();

  /**
   * Reads a value.
   *
   * @param lead where the whitespace before it begins
   * @param start where its type annotation, if there is one, begins
   */
  @Nullable KdlValue value(int lead, int start, @Nullable KdlString type);
}
