package dev.vmctl.faults;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Set;
import java.util.TreeSet;
import org.junit.jupiter.api.Test;

class FaultsPageTest {
  private static final Path PAGE =
      Path.of(System.getProperty("vmctl.basedir", ".")).resolve("docs/faults.md");

  /** {@code -Dvmctl.golden=update} (or {@code VMCTL_GOLDEN=update} around it) writes it anew. */
  @Test
  void thePageSaysWhatTheTestsProve() throws IOException {
    if (Seen.isUpdate()) {
      Files.writeString(PAGE, FaultPage.markdown());
    }
    assertThat(PAGE).hasContent(FaultPage.markdown());
  }

  @Test
  void everyFaultHasItsGoldenFilesAndNoneIsLeftOver() throws IOException {
    Set<String> used = new TreeSet<>();
    for (var method : FaultPage.declared()) {
      String test = method.getOwner().getSimpleName() + "." + method.getName();
      if (method.getAnnotationOfType(Fault.class).silent().isEmpty()) {
        assertThat(FaultPage.goldenOf(test)).as("golden files of " + test).isNotEmpty();
        used.addAll(FaultPage.goldenOf(test));
      }
    }
    assertThat(FaultPage.golden()).isEqualTo(used);
  }

  @Test
  void noFaultIsThereTwice() throws IOException {
    assertThat(FaultPage.rows().stream().map(row -> row.area() + " " + row.fault()))
        .doesNotHaveDuplicates();
  }
}
