package dev.vmctl.model;

import java.nio.file.Path;
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
 */
public record Diagnostic(
    Path file,
    int line,
    int column,
    int length,
    Severity severity,
    String code,
    String message,
    String help) {
  /** How bad it is. Errors keep a file from being used. */
  public enum Severity {
    ERROR,
    WARNING;

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
  }

  public boolean isError() {
    return severity == Severity.ERROR;
  }

  /** {@code file:line:column}, as far as they are known. */
  public String place() {
    return line == 0 ? file.toString() : file + ":" + line + ":" + column;
  }
}
