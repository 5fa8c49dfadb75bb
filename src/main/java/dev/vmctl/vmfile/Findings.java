package dev.vmctl.vmfile;

import dev.vmctl.kdl.KdlProblem;
import dev.vmctl.kdl.KdlSpan;
import dev.vmctl.model.Diagnostic;
import dev.vmctl.model.Diagnostic.Severity;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/** Collects what is wrong with one file, up to a number that a person may still want to read. */
final class Findings {
  static final int LIMIT = 100;

  private final Path file;
  private final List<Diagnostic> found = new ArrayList<>();
  private boolean errors;
  private boolean full;

  Findings(Path file) {
    this.file = file;
  }

  void add(VmFileCode code, KdlSpan span, String message, String help) {
    errors |= code.severity() == Severity.ERROR;
    if (hasRoom()) {
      found.add(new Spot(file, span).finding(code, message, help));
    }
  }

  /** Something about the file as a whole. */
  void add(VmFileCode code, String message, String help) {
    errors |= code.severity() == Severity.ERROR;
    if (hasRoom()) {
      found.add(whole(file, code, message, help));
    }
  }

  void add(KdlProblem problem) {
    errors = true;
    if (hasRoom()) {
      found.add(
          new Spot(file, problem.span())
              .finding(
                  Severity.ERROR,
                  problem.code().text(),
                  DisplayText.shown(problem.message(), 0),
                  DisplayText.shown(problem.help(), 0)));
    }
  }

  void add(Diagnostic finding) {
    errors |= finding.isError();
    if (hasRoom()) {
      found.add(finding);
    }
  }

  boolean hasErrors() {
    return errors;
  }

  /** In the order of the file. */
  List<Diagnostic> inOrder() {
    List<Diagnostic> all = new ArrayList<>(found);
    all.sort(Comparator.comparingInt(Diagnostic::line).thenComparingInt(Diagnostic::column));
    if (full) {
      all.add(
          whole(
              file,
              VmFileCode.TOO_MANY,
              "there is more to say about this file",
              "these are " + LIMIT + " findings; mend them and look again"));
    }
    return all;
  }

  static Diagnostic whole(Path file, VmFileCode code, String message, String help) {
    return new Diagnostic(file, 0, 0, 0, code.severity(), code.text(), message, help);
  }

  /** Whether nothing more is kept, so that there is no use in looking on. */
  boolean isFull() {
    return full;
  }

  private boolean hasRoom() {
    full |= found.size() == LIMIT;
    return !full;
  }
}
