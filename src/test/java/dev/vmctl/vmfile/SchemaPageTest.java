package dev.vmctl.vmfile;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.kdl.KdlReader;
import dev.vmctl.model.Field;
import dev.vmctl.model.VmFields;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.Test;

class SchemaPageTest {
  private static final Path PAGE =
      Path.of(System.getProperty("vmctl.basedir", ".")).resolve("docs/vmfile.md");

  private static final Path SCHEMA = PAGE.resolveSibling("vmfile-schema.kdl");

  /** {@code -Dvmctl.golden=update} writes it anew. */
  @Test
  void thePageSaysWhatTheDescriptorsSay() throws IOException {
    if ("update".equals(System.getProperty("vmctl.golden"))) {
      Files.writeString(PAGE, SchemaPage.markdown());
    }
    assertThat(PAGE).hasContent(SchemaPage.markdown());
  }

  @Test
  void theSchemaForEditorsSaysWhatTheDescriptorsSay() throws IOException {
    if ("update".equals(System.getProperty("vmctl.golden"))) {
      Files.writeString(SCHEMA, SchemaKdl.text());
    }
    assertThat(SCHEMA).hasContent(SchemaKdl.text());
    assertThat(KdlReader.parse(SchemaKdl.text(), "schema").problems()).isEmpty();
  }

  @Test
  void everyFieldAndEveryCodeIsOnIt() {
    String page = SchemaPage.markdown();

    for (Field<?> field : VmFields.ALL) {
      assertThat(page).contains("### " + field.path() + "\n", field.summary(), field.example());
    }
    for (VmFileCode code : VmFileCode.values()) {
      assertThat(page).contains("| `" + code.text() + "` | ");
    }
  }

  @Test
  void theExampleOnItIsValid() {
    String page = SchemaPage.markdown();
    int start = page.indexOf("```kdl\n") + "```kdl\n".length();
    String example = page.substring(start, page.indexOf("```", start));

    assertThat(new VmFileReader(Path.of("/home/ann")).read(Path.of("/x/a.kdl"), example))
        .satisfies(file -> assertThat(file.diagnostics()).isEmpty())
        .satisfies(file -> assertThat(file.declarations()).hasSize(1));
  }
}
