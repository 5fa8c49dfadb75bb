package dev.vmctl.vmfile;

import dev.vmctl.kdl.KdlParse;
import dev.vmctl.kdl.KdlReader;
import dev.vmctl.kdl.KdlWriter;
import dev.vmctl.model.Diagnostic;
import java.io.IOException;
import java.io.InputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.util.List;

/** Lays VMFiles out in the usual way, whether or not what they say makes sense. */
public final class VmFileFormatter {
  private VmFileFormatter() {}

  /**
   * A file before and after.
   *
   * @param after the same as before when there are problems
   * @param problems what keeps it from being read as KDL
   */
  public record Formatted(String before, String after, List<Diagnostic> problems) {
    public Formatted {
      problems = List.copyOf(problems);
    }

    /** Whether it is not laid out in the usual way yet. */
    public boolean isChange() {
      return !before.equals(after);
    }
  }

  /** Formats a file on disk, which is not written to. Never throws for what it is or contains. */
  public static Formatted read(Path file) {
    Path path = file.toAbsolutePath();
    try {
      return format(
          path, SteadyFile.read(path, VmFileReader.MAX_SIZE, VmFileFormatter::bytes).content());
    } catch (SteadyFile.Failure e) {
      Diagnostic problem = Findings.whole(path, e.code(), "the file " + e.getMessage(), e.help());
      return new Formatted("", "", List.of(problem));
    }
  }

  private static byte[] bytes(InputStream in) throws IOException {
    return in.readNBytes((int) VmFileReader.MAX_SIZE + 1);
  }

  /** Formats bytes as if they stood in that file. */
  public static Formatted format(Path file, byte[] bytes) {
    String before = new String(bytes, StandardCharsets.UTF_8);
    KdlParse parse = KdlReader.parse(bytes, file.toString());
    if (parse.isValid()) {
      return new Formatted(before, KdlWriter.formatted(parse.document()), List.of());
    }
    Findings findings = new Findings(file);
    parse.problems().forEach(findings::add);
    return new Formatted(before, before, findings.inOrder());
  }
}
