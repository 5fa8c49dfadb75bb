package dev.vmctl.store;

import static java.util.Objects.requireNonNull;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.host.LinuxHostLocks;
import dev.vmctl.host.LinuxHostProcesses;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.util.List;
import java.util.Map;
import java.util.function.IntUnaryOperator;
import java.util.function.UnaryOperator;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** What any vmctl has ever written is read for ever. */
class RecordFormatsTest {
  private static final Path FIXTURES =
      Path.of(System.getProperty("vmctl.basedir", ".")).resolve("src/test/resources/store");

  /** Two formats that this version does not have. */
  private static final List<UnaryOperator<Map<String, @Nullable Object>>> LATER =
      List.of(recounted(count -> count + 1), recounted(count -> count * 10));

  private static final VmName WEB = new VmName("web");

  @TempDir Path root;

  private static UnaryOperator<Map<String, @Nullable Object>> recounted(IntUnaryOperator change) {
    return record -> {
      record.compute(
          "restartCount", (name, count) -> change.applyAsInt((Integer) requireNonNull(count)));
      return record;
    };
  }

  static Stream<Path> fixtures() throws IOException {
    try (Stream<Path> files = Files.walk(FIXTURES)) {
      return files.filter(file -> file.toString().endsWith(".json")).sorted().toList().stream();
    }
  }

  @Test
  void thereAreFixturesOfEveryFormat() {
    for (int format = 1; format <= RecordFormats.standard().newest(); format++) {
      assertThat(FIXTURES.resolve("format-" + format)).isNotEmptyDirectory();
    }
    assertThat(VmRecord.FORMAT).isEqualTo(RecordFormats.standard().newest());
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void aRecordOfAnyFormatIsReadAndWritten(Path fixture) throws IOException {
    Path file = place(fixture);

    VmRecord record = store(RecordFormats.standard()).read(WEB).orElseThrow();

    assertThat(record.format()).isEqualTo(VmRecord.FORMAT);
    assertThat(record.name()).isEqualTo(WEB);
    assertThat(record.desired().spec().name()).isEqualTo(WEB);
    VmRecord counted =
        store(RecordFormats.standard())
            .update(WEB, before -> before == null ? null : before.withRestarts(List.of(), 7));
    assertThat(store(RecordFormats.standard()).read(WEB)).contains(counted);
    assertThat(Files.readString(file)).contains("\"restartCount\" : 7");
  }

  @ParameterizedTest
  @MethodSource("fixtures")
  void anOlderRecordIsKeptBesideTheFirstNewOneAndMigratedStepByStep(Path fixture)
      throws IOException {
    Path file = place(fixture);
    RecordFormats later = new RecordFormats(LATER);
    Path backup = file.resolveSibling("vm.json.format-1");

    VmRecord read = store(later).read(WEB).orElseThrow();

    assertThat(read.format()).isEqualTo(3);
    assertThat(read.restartCount()).isEqualTo(10);
    assertThat(file).as("reading writes nothing").hasSameTextualContentAs(fixture);
    assertThat(backup).doesNotExist();

    store(later).update(WEB, record -> record == null ? null : record.withRestarts(List.of(), 11));
    store(later).update(WEB, record -> record == null ? null : record.withRestarts(List.of(), 12));

    assertThat(backup).hasSameTextualContentAs(fixture);
    assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(backup)))
        .isEqualTo("rw-------");
    assertThat(store(later).read(WEB).orElseThrow().restartCount()).isEqualTo(12);
    assertThatThrownBy(() -> store(RecordFormats.standard()).read(WEB))
        .isInstanceOfSatisfying(
            VmException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORE_FORMAT));
  }

  @Test
  void aRecordWithoutAFormatIsNotGuessedAt() throws IOException {
    Path file = place(fixtures().findFirst().orElseThrow());
    Files.writeString(file, Files.readString(file).replace("\"format\" : 1", "\"x\" : 1"));

    assertThatThrownBy(() -> store(RecordFormats.standard()).read(WEB))
        .isInstanceOfSatisfying(
            VmException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORE_CORRUPT));
  }

  private Path place(Path fixture) throws IOException {
    Path directory = Files.createDirectories(root.resolve("vms/web"));
    return Files.copy(fixture, directory.resolve("vm.json"));
  }

  private FileVmStore store(RecordFormats formats) {
    return new FileVmStore(
        new DataDirectory(root),
        new LinuxHostLocks(new LinuxHostProcesses()),
        FileVmStore.Sharing.SHARED,
        formats);
  }
}
