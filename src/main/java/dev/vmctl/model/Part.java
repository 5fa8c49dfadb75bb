package dev.vmctl.model;

import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.jspecify.annotations.Nullable;

/**
 * A node in the braces of a field, such as {@code bridge} in {@code network "tap" { … }}, or the
 * field's property of that name.
 *
 * @param of the words of the field it goes with, such as {@code tap}; empty: with any
 * @param inline whether it is written as a property only
 */
public record Part(
    String name,
    Kind kind,
    Set<String> of,
    boolean inline,
    @Nullable Long minimum,
    @Nullable Long maximum,
    List<String> choices,
    String defaultText,
    String summary,
    String example,
    List<Part> parts)
    implements Described {
  public Part {
    Objects.requireNonNull(name);
    Objects.requireNonNull(kind);
    of = Set.copyOf(of);
    choices = List.copyOf(choices);
    Objects.requireNonNull(defaultText);
    Objects.requireNonNull(summary);
    Objects.requireNonNull(example);
    parts = List.copyOf(parts);
  }

  /** A part that is always allowed and has no range. */
  public static Part of(String name, Kind kind, String summary, String example) {
    return new Part(
        name, kind, Set.of(), false, null, null, List.of(), "", summary, example, List.of());
  }

  /** The same, to go with these words of the field only. */
  public Part with(String... words) {
    return new Part(
        name,
        kind,
        Set.of(words),
        inline,
        minimum,
        maximum,
        choices,
        defaultText,
        summary,
        example,
        parts);
  }

  /** The same, to be written as a property only. */
  public Part asProperty() {
    return new Part(
        name, kind, of, true, minimum, maximum, choices, defaultText, summary, example, parts);
  }

  /** The same, with a smallest and a largest number in the kind's unit. */
  public Part range(long least, long most) {
    return new Part(
        name, kind, of, inline, least, most, choices, defaultText, summary, example, parts);
  }

  /** The same, with these words to choose from. */
  public Part choices(String... words) {
    return new Part(
        name,
        kind,
        of,
        inline,
        minimum,
        maximum,
        List.of(words),
        defaultText,
        summary,
        example,
        parts);
  }

  /** The same, with a default. */
  public Part defaultsTo(String text) {
    return new Part(
        name, kind, of, inline, minimum, maximum, choices, text, summary, example, parts);
  }

  /** The same, with nodes in its braces. */
  public Part holding(Part... inner) {
    return new Part(
        name,
        kind,
        of,
        inline,
        minimum,
        maximum,
        choices,
        defaultText,
        summary,
        example,
        List.of(inner));
  }

  /** Whether it goes with that word of the field. */
  public boolean goesWith(String word) {
    return of.isEmpty() || of.contains(word);
  }
}
