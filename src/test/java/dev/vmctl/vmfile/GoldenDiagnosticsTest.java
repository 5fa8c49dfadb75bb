package dev.vmctl.vmfile;

import static org.assertj.core.api.Assertions.assertThat;
import static org.junit.jupiter.api.DynamicTest.dynamicTest;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.DynamicTest;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.TestFactory;

/**
 * Each {@code *.kdl} under {@code src/test/resources/vmfile} beside what a person is told about it.
 * {@code -Dvmctl.golden=update} writes the texts anew; read the difference before you commit it.
 */
class GoldenDiagnosticsTest {
  private static final Path CASES =
      Path.of(System.getProperty("vmctl.basedir", ".")).resolve("src/test/resources/vmfile");

  private final VmFileReader reader = new VmFileReader(Path.of("/home/ann"));

  @TestFactory
  Stream<DynamicTest> saysWhatIsWritten() throws IOException {
    return VmFileDiscovery.list(CASES).stream()
        .map(file -> dynamicTest(file.getFileName().toString(), () -> check(file)));
  }

  private void check(Path file) throws IOException {
    VmFile read = reader.read(file);
    String told = new DiagnosticRenderer(CASES, false).render(read.diagnostics());
    Path expected = file.resolveSibling(file.getFileName().toString().replace(".kdl", ".txt"));
    if ("update".equals(System.getProperty("vmctl.golden"))) {
      Files.writeString(expected, told);
    }
    assertThat(told).isEqualTo(Files.readString(expected));
    if (file.getFileName().toString().startsWith("valid")) {
      assertThat(read.diagnostics()).isEmpty();
      assertThat(read.declarations()).isNotEmpty();
    } else {
      assertThat(read.diagnostics()).isNotEmpty();
    }
  }

  @Test
  void everyKindOfFindingInATextHasACase() throws IOException {
    String all = "";
    for (Path file : VmFileDiscovery.list(CASES)) {
      all += new DiagnosticRenderer(CASES, false).render(reader.read(file).diagnostics());
    }
    List<VmFileCode> aboutFiles =
        List.of(
            VmFileCode.NOT_FOUND,
            VmFileCode.NOT_A_FILE,
            VmFileCode.UNREADABLE,
            VmFileCode.TOO_LARGE,
            VmFileCode.CHANGING,
            VmFileCode.FILE_MISSING,
            VmFileCode.UNKNOWN_DEPENDENCY,
            // Of files of a remote source only.
            VmFileCode.NOT_ALLOWED,
            VmFileCode.TOO_MANY);
    for (VmFileCode code : VmFileCode.values()) {
      if (!aboutFiles.contains(code)) {
        assertThat(all).contains("[" + code.text() + "]");
      }
    }
  }
}
