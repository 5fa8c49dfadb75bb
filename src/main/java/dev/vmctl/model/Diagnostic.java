package dev.vmctl.model;

import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Locale;
import java.util.Objects;

/**
 * Something to say about one place of a file.
 *
 * @param line from 1; 0 when it is about the file as a whole
 * @param column from 1, in code points; 0 when it is about the file as a whole
 * @param length how many code points of that line are meant; 0 for a point
 * @param code stable, such as {@code vmfile.unknown_node}
 * @param help what to do; may be empty
 * @param labels other places that have to do with it, such as the first of two of one name
 */
public record Diagnostic(
    Path file,
    int line,
    int column,
    int length,
    Severity severity,
    String code,
    String message,
    String help,
    List<Label> labels) {
  /**
   * Another place and its part in the matter.
   *
   * @param line from 1
   * @param column from 1, in code points
   * @param length how many code points of that line are meant
   * @param text a few words, such as "the first one"
   */
  public record Label(Path file, int line, int column, int length, String text) {
    public Label {
      Objects.requireNonNull(file);
      Objects.requireNonNull(text);
    }
  }

  /** How bad it is. Errors keep a file from being used. */
  public enum Severity implements Worded {
    ERROR,
    WARNING;

    @Override
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  public Diagnostic {
    Objects.requireNonNull(file);
    Objects.requireNonNull(severity);
    Objects.requireNonNull(code);
    Objects.requireNonNull(message);
    Objects.requireNonNull(help);
    labels = List.copyOf(Objects.requireNonNullElse(labels, List.of()));
  }

  /** About one place only. */
  public Diagnostic(
      Path file,
      int line,
      int column,
      int length,
      Severity severity,
      String code,
      String message,
      String help) {
    this(file, line, column, length, severity, code, message, help, List.of());
  }

  /** The same, with another place that has to do with it. */
  public Diagnostic with(Label label) {
    List<Label> all = new ArrayList<>(labels);
    all.add(label);
    return new Diagnostic(file, line, column, length, severity, code, message, help, all);
  }

  public boolean isError() {
    return severity == Severity.ERROR;
  }

  /** {@code file:line:column}, as far as they are known. */
  public String place() {
    return line == 0 ? file.toString() : file + ":" + line + ":" + column;
  }
}
