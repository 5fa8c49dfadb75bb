package dev.vmctl.vmfile;

import dev.vmctl.kdl.KdlSource;
import dev.vmctl.model.Diagnostic;
import dev.vmctl.model.Diagnostic.Severity;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/**
 * Shows findings to people, with the line they are about and the place in it underlined.
 *
 * <p>Each file is read once per renderer. If it cannot be read any more, the finding is shown
 * without its line. Not safe for several threads.
 */
public final class DiagnosticRenderer {
  /** Code points shown of a line, and to the left of what is underlined. */
  private static final int WINDOW = 160;

  private static final int BEFORE = 60;

  private final Path currentDirectory;
  private final boolean colour;
  private final Map<Path, Optional<KdlSource>> sources = new HashMap<>();

  /**
   * A renderer for one run of a command.
   *
   * @param currentDirectory files below it are shown relative to it
   * @param colour whether to use ANSI colours
   */
  public DiagnosticRenderer(Path currentDirectory, boolean colour) {
    this.currentDirectory = currentDirectory.toAbsolutePath();
    this.colour = colour;
  }

  /** All of them with empty lines between, ended by how many there are; empty for none. */
  public String render(List<Diagnostic> diagnostics) {
    StringBuilder out = new StringBuilder();
    for (Diagnostic diagnostic : diagnostics) {
      out.append(render(diagnostic)).append('\n');
    }
    return out.isEmpty() ? "" : out.append(summary(diagnostics)).append('\n').toString();
  }

  /** One finding, each line ended by a newline. */
  public String render(Diagnostic diagnostic) {
    Paint paint = new Paint(colour, diagnostic.severity());
    StringBuilder out = new StringBuilder();
    out.append(paint.severity(diagnostic.severity().text() + "[" + diagnostic.code() + "]"))
        .append(paint.bold(": " + DisplayText.shown(diagnostic.message(), 0)))
        .append('\n');
    Optional<String> line = line(diagnostic);
    int gutter = line.isPresent() ? Integer.toString(diagnostic.line()).length() : 1;
    String margin = " ".repeat(gutter);
    out.append(margin).append(paint.frame("--> ")).append(place(diagnostic)).append('\n');
    line.ifPresent(text -> excerpt(diagnostic, text, margin, paint, out));
    if (!diagnostic.help().isEmpty()) {
      out.append(margin)
          .append(paint.frame(" = "))
          .append(paint.bold("help"))
          .append(": ")
          .append(DisplayText.shown(diagnostic.help(), 0))
          .append('\n');
    }
    return out.toString();
  }

  private String place(Diagnostic diagnostic) {
    Path file = diagnostic.file();
    Path shown =
        file.isAbsolute() && file.startsWith(currentDirectory) && !file.equals(currentDirectory)
            ? currentDirectory.relativize(file)
            : file;
    String name = DisplayText.shown(shown.toString(), 0);
    return diagnostic.line() == 0
        ? name
        : name + ":" + diagnostic.line() + ":" + diagnostic.column();
  }

  private void excerpt(
      Diagnostic diagnostic, String line, String margin, Paint paint, StringBuilder out) {
    int size = line.codePointCount(0, line.length());
    int column = Math.clamp(diagnostic.column() - 1L, 0, size);
    int first = column + BEFORE < WINDOW ? 0 : column - BEFORE;
    int last = Math.min(size, first + WINDOW);
    int end = Math.clamp((long) column + diagnostic.length(), column, last);
    String before = part(line, first, column);
    String meant = part(line, column, end);
    String lead = first > 0 ? "…" : "";
    String left = DisplayText.shown(before, lead.length());
    int indent = DisplayText.width(lead + left);
    String marked = DisplayText.shown(meant, indent);
    String rest = DisplayText.shown(part(line, end, last), indent + DisplayText.width(marked));
    String trail = last < size ? "…" : "";
    out.append(margin).append(paint.frame(" |")).append('\n');
    out.append(paint.frame(diagnostic.line() + " |"))
        .append((" " + lead + left + marked + rest + trail).stripTrailing())
        .append('\n');
    out.append(margin)
        .append(paint.frame(" |"))
        .append(" ".repeat(1 + indent))
        .append(paint.severity("^".repeat(Math.max(1, DisplayText.width(marked)))))
        .append('\n');
  }

  private static String part(String line, int from, int to) {
    int start = line.offsetByCodePoints(0, from);
    return line.substring(start, line.offsetByCodePoints(start, to - from));
  }

  private Optional<String> line(Diagnostic diagnostic) {
    if (diagnostic.line() == 0) {
      return Optional.empty();
    }
    return sources
        .computeIfAbsent(diagnostic.file(), DiagnosticRenderer::source)
        .filter(source -> diagnostic.line() <= source.lineCount())
        .map(source -> source.line(diagnostic.line()));
  }

  private static Optional<KdlSource> source(Path file) {
    try {
      byte[] bytes =
          SteadyFile.read(
                  file, VmFileReader.MAX_SIZE, in -> in.readNBytes((int) VmFileReader.MAX_SIZE))
              .content();
      String text = new String(bytes, StandardCharsets.UTF_8);
      return Optional.of(new KdlSource(file.toString(), text));
    } catch (SteadyFile.Failure e) {
      return Optional.empty();
    }
  }

  private static String summary(List<Diagnostic> diagnostics) {
    long errors = diagnostics.stream().filter(Diagnostic::isError).count();
    long warnings = diagnostics.size() - errors;
    String both = errors > 0 && warnings > 0 ? ", " : "";
    return count(errors, "error") + both + count(warnings, "warning");
  }

  private static String count(long number, String what) {
    return number == 0 ? "" : number + " " + what + (number == 1 ? "" : "s");
  }

  /** ANSI colours, or none. */
  private record Paint(boolean colour, Severity severity) {
    private static final String RED = "1;31";
    private static final String YELLOW = "1;33";
    private static final String BLUE = "1;34";

    String severity(String text) {
      return in(
          switch (severity) {
            case ERROR -> RED;
            case WARNING -> YELLOW;
          },
          text);
    }

    String frame(String text) {
      return in(BLUE, text);
    }

    String bold(String text) {
      return in("1", text);
    }

    private String in(String code, String text) {
      return colour ? "\u001b[" + code + "m" + text + "\u001b[0m" : text;
    }
  }
}
