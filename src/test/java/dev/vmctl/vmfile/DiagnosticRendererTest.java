package dev.vmctl.vmfile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.model.Diagnostic;
import dev.vmctl.model.Diagnostic.Severity;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class DiagnosticRendererTest {
  @TempDir private Path directory;

  @Test
  void coloursAreThereOnDemandOnly() throws IOException {
    Path file = Files.writeString(directory.resolve("a.kdl"), "vm 7\n");
    Diagnostic diagnostic = at(file, 1, 4, 1);

    String plain = new DiagnosticRenderer(directory, false).render(diagnostic);
    String coloured = new DiagnosticRenderer(directory, true).render(diagnostic);

    assertThat(plain).doesNotContain("\u001b");
    assertThat(coloured).contains("\u001b[1;31merror[x.y]\u001b[0m");
    assertThat(coloured.replaceAll("\u001b\\[[0-9;]*m", "")).isEqualTo(plain);
  }

  @Test
  void aFileElsewhereIsNamedInFull() throws IOException {
    Path file = Files.writeString(directory.resolve("a.kdl"), "vm 7\n");

    assertThat(new DiagnosticRenderer(Path.of("/nowhere"), false).render(at(file, 1, 4, 1)))
        .contains("--> " + file + ":1:4\n");
  }

  @Test
  void aFindingOutlivesItsFile() {
    Path gone = directory.resolve("gone.kdl");

    assertThat(new DiagnosticRenderer(directory, false).render(at(gone, 3, 4, 1)))
        .isEqualTo("error[x.y]: it is wrong\n --> gone.kdl:3:4\n  = help: mend it\n");
  }

  @Test
  void aPlaceThatIsNotInTheFileAnyMoreIsStillNamed() throws IOException {
    Path file = Files.writeString(directory.resolve("a.kdl"), "vm 7\n");
    DiagnosticRenderer renderer = new DiagnosticRenderer(directory, false);

    assertThat(renderer.render(at(file, 9, 4, 1))).contains("a.kdl:9:4").doesNotContain("|");
    assertThat(renderer.render(at(file, 1, 99, 5))).contains("1 | vm 7\n  |     ^\n");
  }

  @Test
  void theGutterIsAsWideAsTheLineNumber() throws IOException {
    Path file = Files.writeString(directory.resolve("a.kdl"), "\n".repeat(99) + "vm 7\n");

    assertThat(new DiagnosticRenderer(directory, false).render(at(file, 100, 4, 1)))
        .contains("   --> a.kdl:100:4\n    |\n100 | vm 7\n    |    ^\n    = help");
  }

  @Test
  void aMessageCannotSteerTheTerminal() {
    Diagnostic hostile =
        new Diagnostic(
            Path.of("/a\u001b[2J.kdl"), 0, 0, 0, Severity.WARNING, "x.y", "\u202Eevil\r", "\u0007");

    assertThat(new DiagnosticRenderer(directory, false).render(hostile))
        .doesNotContain("\u001b", "\u202E", "\r", "\u0007")
        .contains("␛[2J");
  }

  @Test
  void severalFindingsAreCounted() {
    Diagnostic error = at(directory.resolve("gone"), 1, 1, 1);
    Diagnostic warning = new Diagnostic(error.file(), 0, 0, 0, Severity.WARNING, "x.z", "hm", "");

    DiagnosticRenderer renderer = new DiagnosticRenderer(directory, false);

    assertThat(renderer.render(List.of(error, warning, error))).endsWith("\n2 errors, 1 warning\n");
    assertThat(renderer.render(List.of())).isEmpty();
  }

  @ParameterizedTest
  @CsvSource({
    "abc, 3",
    "磁盘, 4",
    "ｆｕｌｌ, 8",
    "한국어, 6",
    "ひらがな, 8",
    "é, 1",
    "e\u0301, 1",
    "🚀, 2",
    "👩‍🚀, 2",
    "👍🏽, 2",
    "🇸🇪, 2",
    "❤️, 2",
    "❤, 1",
    "1️⃣, 2",
    "—, 1",
    "'\u0007', 1",
    "👨‍👩‍👧‍👦x, 3",
  })
  void textIsAsWideAsATerminalShowsIt(String text, int cells) {
    assertThat(DisplayText.width(text)).isEqualTo(cells);
  }

  @Test
  void tabsLeadToTheNextStop() {
    assertThat(DisplayText.shown("a\tb", 0)).isEqualTo("a   b");
    assertThat(DisplayText.shown("\tb", 3)).isEqualTo(" b");
    assertThat(DisplayText.shown("磁\tb", 0)).isEqualTo("磁  b");
  }

  private static Diagnostic at(Path file, int line, int column, int length) {
    return new Diagnostic(
        file, line, column, length, Severity.ERROR, "x.y", "it is wrong", "mend it");
  }
}
