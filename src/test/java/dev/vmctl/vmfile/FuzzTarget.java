package dev.vmctl.vmfile;

import dev.vmctl.kdl.KdlParse;
import dev.vmctl.kdl.KdlReader;
import dev.vmctl.kdl.KdlWriter;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;

/** What holds for any bytes; {@link FuzzIT} looks for some for which it does not. */
public final class FuzzTarget {
  private static final Path FILE = Path.of("/srv/VMFile.kdl");
  private static final VmFileReader READER = new VmFileReader(Path.of("/home/ann"));

  private FuzzTarget() {}

  /** Called by Jazzer. */
  public static void fuzzerTestOneInput(byte[] bytes) {
    String text = new String(bytes, StandardCharsets.UTF_8);
    VmFile file = READER.read(FILE, text);
    if (file.isUsable() == file.declarations().isEmpty()) {
      throw new AssertionError("usable or not: " + file.diagnostics());
    }
    DiagnosticRenderer renderer = new DiagnosticRenderer(Path.of("/"), false);
    file.diagnostics().forEach(renderer::render);
    KdlParse parse = KdlReader.parse(bytes, "fuzz");
    parse.problems().forEach(problem -> problem.span().line());
    if (parse.isValid()) {
      formats(parse, text);
    }
  }

  private static void formats(KdlParse parse, String text) {
    if (!KdlWriter.write(parse.document()).equals(text)) {
      throw new AssertionError("not written as it was read");
    }
    String once = KdlWriter.formatted(parse.document());
    KdlParse again = KdlReader.parse(once, "formatted");
    if (!again.isValid() || !KdlWriter.formatted(again.document()).equals(once)) {
      throw new AssertionError("formatted twice is not formatted once:\n" + once);
    }
  }
}
