package dev.vmctl.vmfile;

import dev.vmctl.kdl.KdlSpan;
import dev.vmctl.model.Diagnostic;
import java.nio.file.Path;

/**
 * A place in a VMFile. Line and column are counted when somebody asks: a file without findings
 * never needs them.
 */
record Spot(Path file, KdlSpan span) {
  int line() {
    return span.line();
  }

  int column() {
    return span.column();
  }

  Diagnostic finding(VmFileCode code, String message, String help) {
    return finding(code.severity(), code.text(), message, help);
  }

  Diagnostic finding(Diagnostic.Severity severity, String code, String message, String help) {
    return new Diagnostic(file, line(), column(), length(), severity, code, message, help);
  }

  Diagnostic.Label label(String text) {
    return new Diagnostic.Label(file, line(), column(), length(), text);
  }

  /** How many code points of the first line belong to it. */
  private int length() {
    if (span.endLine() == span.line()) {
      return span.endColumn() - span.column();
    }
    String line = span.source().line(span.line());
    return line.codePointCount(0, line.length()) - span.column() + 1;
  }
}
