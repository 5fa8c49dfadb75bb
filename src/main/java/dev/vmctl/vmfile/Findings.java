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
  private int errors;
  private int warnings;
  private boolean full;
  private boolean moreWarnings;

  Findings(Path file) {
    this.file = file;
  }

  void add(VmFileCode code, KdlSpan span, String message, String help) {
    if (hasRoom(code.severity())) {
      found.add(new Spot(file, span).finding(code, message, help));
    }
  }

  /** Something about two places of the file. */
  void add(
      VmFileCode code, KdlSpan span, String message, String help, KdlSpan other, String label) {
    if (hasRoom(code.severity())) {
      found.add(
          new Spot(file, span)
              .finding(code, message, help)
              .with(new Spot(file, other).label(label)));
    }
  }

  /** Something about the file as a whole. */
  void add(VmFileCode code, String message, String help) {
    if (hasRoom(code.severity())) {
      found.add(whole(file, code, message, help));
    }
  }

  void add(KdlProblem problem) {
    if (hasRoom(Severity.ERROR)) {
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
    if (hasRoom(finding.severity())) {
      found.add(finding);
    }
  }

  boolean hasErrors() {
    return errors > 0;
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
              "these are " + LIMIT + " errors; mend them and look again"));
    } else if (moreWarnings) {
      all.add(
          new Diagnostic(
              file,
              0,
              0,
              0,
              Severity.WARNING,
              VmFileCode.TOO_MANY.text(),
              "there are more warnings about this file",
              "these are " + LIMIT + " of them"));
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

  /** Counts one more; warnings beyond the limit are dropped, and take no error's place. */
  private boolean hasRoom(Severity severity) {
    return switch (severity) {
      case ERROR -> {
        full |= errors == LIMIT;
        errors += full ? 0 : 1;
        yield !full;
      }
      case WARNING -> {
        moreWarnings |= warnings == LIMIT;
        warnings += moreWarnings ? 0 : 1;
        yield !moreWarnings;
      }
    };
  }
}
