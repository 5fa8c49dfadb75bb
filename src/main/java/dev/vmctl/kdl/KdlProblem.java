package dev.vmctl.kdl;

import java.util.Objects;

/**
 * One thing that is wrong with a text.
 *
 * @param code stable, to search for and to test for
 * @param message what is wrong, in one line without a full stop
 * @param span where; {@link KdlSpan#line} and {@link KdlSpan#column} for people
 * @param help what to do about it; may be empty
 */
public record KdlProblem(Code code, String message, KdlSpan span, String help) {
  /** What kind of problem. The texts never change once released. */
  public enum Code {
    ENCODING("kdl.encoding"),
    DISALLOWED_CHARACTER("kdl.disallowed_character"),
    UNEXPECTED_CHARACTER("kdl.unexpected_character"),
    UNEXPECTED_BRACE("kdl.unexpected_brace"),
    NAME_EXPECTED("kdl.name_expected"),
    VALUE_EXPECTED("kdl.value_expected"),
    SPACE_EXPECTED("kdl.space_expected"),
    NODE_END_EXPECTED("kdl.node_end_expected"),
    ENTRY_AFTER_CHILDREN("kdl.entry_after_children"),
    SECOND_BLOCK("kdl.second_block"),
    SLASHDASH_TARGET("kdl.slashdash_target"),
    TYPE_ANNOTATION("kdl.type_annotation"),
    LINE_CONTINUATION("kdl.line_continuation"),
    BARE_KEYWORD("kdl.bare_keyword"),
    BARE_WORD("kdl.bare_word"),
    UNKNOWN_KEYWORD("kdl.unknown_keyword"),
    NUMBER("kdl.number"),
    NUMBER_SIZE("kdl.number_size"),
    ESCAPE("kdl.escape"),
    MULTI_LINE_STRING("kdl.multi_line_string"),
    UNCLOSED_STRING("kdl.unclosed_string"),
    UNCLOSED_COMMENT("kdl.unclosed_comment"),
    UNCLOSED_BLOCK("kdl.unclosed_block"),
    NESTING("kdl.nesting"),
    TOO_MANY_PROBLEMS("kdl.too_many_problems");

    private final String text;

    Code(String text) {
      this.text = text;
    }

    /** The code as printed, e.g. {@code kdl.unclosed_string}. */
    public String text() {
      return text;
    }
  }

  public KdlProblem {
    Objects.requireNonNull(code);
    Objects.requireNonNull(message);
    Objects.requireNonNull(span);
    Objects.requireNonNull(help);
  }

  @Override
  public String toString() {
    return span + ": " + message + " [" + code.text() + "]" + (help.isEmpty() ? "" : " " + help);
  }
}
