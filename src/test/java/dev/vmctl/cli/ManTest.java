package dev.vmctl.cli;

import static org.assertj.core.api.Assertions.assertThat;

import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class ManTest {
  @TempDir Path directory;

  @Test
  void everyCommandHasAPageThatTheFormatterTakesWithoutAWarning() throws Exception {
    assertThat(new CliRun(directory).run("man", "pages").code()).isZero();
    List<String> command = new ArrayList<>(List.of("groff", "-man", "-ww", "-Kutf8", "-Tutf8"));
    try (Stream<Path> pages = Files.list(directory.resolve("pages"))) {
      pages.map(Path::toString).sorted().forEach(command::add);
    }
    assertThat(command).hasSize(5 + 1 + new CommandTable().names().size());
    Path warnings = directory.resolve("warnings");
    Process groff = new ProcessBuilder(command).redirectError(warnings.toFile()).start();
    String text =
        new String(groff.getInputStream().readAllBytes(), StandardCharsets.UTF_8)
            .replaceAll("\u001b\\[[0-9;]*m|.\b", "");

    assertThat(groff.waitFor()).isZero();
    assertThat(warnings).content().isEmpty();
    assertThat(text)
        .contains("vmctl-list - List VMs", "--no-headers", "vmctl image pull", "EXIT STATUS")
        .contains("vmctl list -o jsonpath='{range [*]}{.name}{\"\\t\"}{.state}{\"\\n\"}{end}'");
  }
}
