package dev.vmctl.kdl;

import java.util.List;
import java.util.Objects;

/**
 * What reading a text gave.
 *
 * @param document what could be read; not to be acted upon when there are problems
 * @param problems in the order of the text; none for a valid document
 */
public record KdlParse(KdlDocument document, List<KdlProblem> problems) {
  public KdlParse {
    Objects.requireNonNull(document);
    problems = List.copyOf(problems);
  }

  /** The version of the language the text was read as, and its problems are reported for. */
  public KdlVersion version() {
    return document.version();
  }

  /** Whether the text is a valid document. */
  public boolean isValid() {
    return problems.isEmpty();
  }
}
