package dev.vmctl.vmfile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.model.Diagnostic;
import dev.vmctl.model.Field;
import dev.vmctl.model.VmFields;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import net.jqwik.api.Arbitraries;
import net.jqwik.api.Arbitrary;
import net.jqwik.api.ForAll;
import net.jqwik.api.Property;
import net.jqwik.api.Provide;
import net.jqwik.api.lifecycle.AfterContainer;
import net.jqwik.api.lifecycle.BeforeContainer;

/** What holds for every file, tried with many. */
class VmFilePropertiesTest {
  private static Path file = Path.of("");

  private final VmFileReader reader = new VmFileReader(Path.of("/home/ann"));

  @BeforeContainer
  static void create() throws IOException {
    file = Files.createTempFile("vmfile", ".kdl");
  }

  @AfterContainer
  static void delete() throws IOException {
    Files.delete(file);
  }

  @Property(tries = 500)
  void anyBytesGiveAVmFile(@ForAll byte[] bytes) {
    judge(bytes);
  }

  @Property(tries = 1500)
  void anyPiecesGiveAVmFile(@ForAll("pieces") List<String> pieces) {
    judge(String.join(" ", pieces).getBytes(StandardCharsets.UTF_8));
  }

  @Provide
  Arbitrary<List<String>> pieces() {
    List<String> pieces =
        new ArrayList<>(
            List.of(
                "vm",
                "vm \"a\" {",
                "vm \"b\" { image \"x\"",
                "}",
                "{",
                ";",
                "\n",
                "\"\"",
                "\"~\"",
                "\"tap\"",
                "\"vnic\"",
                "\"shell\"",
                "\"file\"",
                "\"\\u{0}\"",
                "\"~x/y\"",
                "#null",
                "#inf",
                "#true",
                "-1",
                "1e999",
                "1e-999",
                "1.5",
                "\"2GiB\"",
                "\"9999999P\"",
                "\"1e9G\"",
                "0x7fffffffffffffffffff",
                "a=1",
                "bridge=br0",
                "name \"v\"",
                "(t)",
                "inline \"id\"",
                "script \"s\"",
                "source \"s\"",
                "destination \"d\"",
                "/-",
                "🚀",
                "\u001b",
                "//"));
    for (Field<?> field : VmFields.ALL) {
      pieces.addAll(List.of(field.path().split("\\.")));
      pieces.add(field.example());
    }
    return Arbitraries.of(pieces).list().ofMaxSize(40);
  }

  private void judge(byte[] bytes) {
    try {
      Files.write(file, bytes);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    VmFile read = reader.read(file);
    assertThat(read.isUsable()).isEqualTo(!read.declarations().isEmpty());
    assertThat(read.declarations().stream().map(DeclaredVm::name)).doesNotHaveDuplicates();
    assertThat(FileChecks.check(read)).allMatch(Diagnostic::isError);
    for (Diagnostic diagnostic : read.diagnostics()) {
      assertThat(diagnostic.length()).isNotNegative();
      assertThat(diagnostic.message()).doesNotContain("\n").isNotEmpty();
    }
    String told = new DiagnosticRenderer(Path.of("/"), false).render(read.diagnostics());
    assertThat(told.codePoints().filter(point -> point != '\n' && Character.isISOControl(point)))
        .isEmpty();
  }
}
