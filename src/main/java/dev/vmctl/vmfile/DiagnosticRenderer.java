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
  private static final String HYPHEN = "-";

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
    Place place = Place.of(diagnostic);
    Optional<String> line = line(place);
    int gutter = gutter(diagnostic, line.isPresent());
    String margin = " ".repeat(gutter);
    out.append(margin).append(paint.frame("--> ")).append(shown(place)).append('\n');
    line.ifPresent(text -> excerpt(place, text, gutter, "^", "", paint, out));
    diagnostic.labels().forEach(label -> label(label, gutter, paint, out));
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

  /** A stretch of a line. */
  private record Place(Path file, int line, int column, int length) {
    static Place of(Diagnostic diagnostic) {
      return new Place(
          diagnostic.file(), diagnostic.line(), diagnostic.column(), diagnostic.length());
    }

    static Place of(Diagnostic.Label label) {
      return new Place(label.file(), label.line(), label.column(), label.length());
    }
  }

  private String shown(Place place) {
    Path file = place.file();
    Path shown =
        file.isAbsolute() && file.startsWith(currentDirectory) && !file.equals(currentDirectory)
            ? currentDirectory.relativize(file)
            : file;
    String name = DisplayText.shown(shown.toString(), 0);
    return place.line() == 0 ? name : name + ":" + place.line() + ":" + place.column();
  }

  /** The second place of a conflict: underlined by hyphens, with its part in it. */
  private void label(Diagnostic.Label label, int gutter, Paint paint, StringBuilder out) {
    Place place = Place.of(label);
    out.append(" ".repeat(gutter)).append(paint.frame("::: ")).append(shown(place)).append('\n');
    line(place).ifPresent(text -> excerpt(place, text, gutter, HYPHEN, label.text(), paint, out));
  }

  /**
   * The line with the place in it underlined.
   *
   * @param sign what underlines it
   * @param note what to write behind the underline; may be empty
   */
  private static void excerpt(
      Place place,
      String line,
      int gutter,
      String sign,
      String note,
      Paint paint,
      StringBuilder out) {
    int size = line.codePointCount(0, line.length());
    int column = Math.clamp(place.column() - 1L, 0, size);
    int first = column + BEFORE < WINDOW ? 0 : column - BEFORE;
    int last = Math.min(size, first + WINDOW);
    int end = Math.clamp((long) column + place.length(), column, last);
    String before = part(line, first, column);
    String meant = part(line, column, end);
    String lead = first > 0 ? "…" : "";
    String left = DisplayText.shown(before, lead.length());
    int indent = DisplayText.width(lead + left);
    String marked = DisplayText.shown(meant, indent);
    String rest = DisplayText.shown(part(line, end, last), indent + DisplayText.width(marked));
    String trail = last < size ? "…" : "";
    String margin = " ".repeat(gutter);
    String number = Integer.toString(place.line());
    out.append(margin).append(paint.frame(" |")).append('\n');
    out.append(paint.frame(" ".repeat(gutter - number.length()) + number + " |"))
        .append((" " + lead + left + marked + rest + trail).stripTrailing())
        .append('\n');
    String underline = sign.repeat(Math.max(1, DisplayText.width(marked)));
    out.append(margin).append(paint.frame(" |")).append(" ".repeat(1 + indent));
    boolean other = sign.equals(HYPHEN);
    out.append(other ? paint.frame(underline) : paint.severity(underline));
    out.append(note.isEmpty() ? "" : ' ' + paint.frame(note)).append('\n');
  }

  private static String part(String line, int from, int to) {
    int start = line.offsetByCodePoints(0, from);
    return line.substring(start, line.offsetByCodePoints(start, to - from));
  }

  /** As wide as the longest line number shown. */
  private static int gutter(Diagnostic diagnostic, boolean shown) {
    int most = shown ? diagnostic.line() : 0;
    for (Diagnostic.Label label : diagnostic.labels()) {
      most = Math.max(most, label.line());
    }
    return Integer.toString(most).length();
  }

  private Optional<String> line(Place place) {
    if (place.line() == 0) {
      return Optional.empty();
    }
    return sources
        .computeIfAbsent(place.file(), DiagnosticRenderer::source)
        .filter(source -> place.line() <= source.lineCount())
        .map(source -> source.line(place.line()));
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
