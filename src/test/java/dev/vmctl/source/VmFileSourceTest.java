package dev.vmctl.source;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.model.SourceId;
import dev.vmctl.source.Snapshot.Trust;
import dev.vmctl.vmfile.VmFileReader;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.time.InstantSource;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

class VmFileSourceTest {
  private static final String VALID = "vm \"a\" { image \"a\" }\n";

  @TempDir private Path directory;

  private VmFileSource source() {
    return new VmFileSource(
        directory.resolve("VMFile.kdl"),
        new VmFileReader(Path.of("/home/ann")),
        InstantSource.system());
  }

  @Test
  void aValidFileIsComplete() throws IOException {
    Path file = Files.writeString(directory.toRealPath().resolve("VMFile.kdl"), VALID);

    Snapshot snapshot = source().read();

    assertThat(snapshot.trust()).isEqualTo(Trust.COMPLETE);
    assertThat(snapshot.source()).isEqualTo(SourceId.file(file));
    assertThat(snapshot.files()).containsExactly(file);
    assertThat(snapshot.declarations()).hasSize(1);
  }

  @Test
  void aBrokenFileIsPartial() throws IOException {
    Files.writeString(directory.resolve("VMFile.kdl"), "vm \"a\" {");

    Snapshot snapshot = source().read();

    assertThat(snapshot.trust()).isEqualTo(Trust.PARTIAL);
    assertThat(snapshot.brokenFiles()).containsExactly(source().file());
    assertThat(snapshot.diagnostics()).isNotEmpty();
  }

  @Test
  void aMissingFileIsUnknown() {
    Snapshot snapshot = source().read();

    assertThat(snapshot.trust()).isEqualTo(Trust.UNKNOWN);
    assertThat(snapshot.why()).isEqualTo("it does not exist");
  }

  @Test
  void savingTheFileAsEditorsDoKeepsTheIdentity() throws IOException {
    Path file = Files.writeString(directory.resolve("VMFile.kdl"), VALID);
    VmFileSource source = source();
    Snapshot before = source.read();
    Path saved = Files.writeString(directory.resolve("new"), VALID + VALID.replace("a\"", "b\""));
    Files.move(saved, file, StandardCopyOption.REPLACE_EXISTING);

    Snapshot after = source.read();

    assertThat(after.identity()).isEqualTo(before.identity());
    assertThat(after.declarations()).hasSize(2);
  }
}
