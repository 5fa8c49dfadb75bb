package dev.vmctl.hypervisor.qemu;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.host.AppendedLog;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.ShareFacts;
import dev.vmctl.model.VmName;
import java.io.IOException;
import java.io.RandomAccessFile;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.Arrays;
import java.util.UUID;
import java.util.stream.Stream;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;

/** Invariant 12: every log that another process writes is bounded. */
class QemuFilesTest {
  static Stream<String> logs() {
    return Stream.of("console.log", "qemu.log", "shares.log");
  }

  @ParameterizedTest
  @MethodSource("logs")
  void aLogThatGrowsGivesItsOlderHalfBack(String name, @TempDir Path directory) throws IOException {
    VmHandle vm =
        new VmHandle(new VmName("a"), UUID.randomUUID(), directory, directory.resolve("run"), null);
    Path log = directory.resolve(name);
    byte[] tooMuch = new byte[(int) QemuFiles.LONGEST_LOG + (1 << 20)];
    Arrays.fill(tooMuch, (byte) 'x');
    Files.write(log, tooMuch);
    try (RandomAccessFile end = new RandomAccessFile(log.toFile(), "rw")) {
      end.seek(tooMuch.length);
      end.writeBytes("the end");
    }

    new QemuFiles(vm).keepLogs(Instant.EPOCH);

    assertThat(log).as("every byte keeps its offset").hasSize(tooMuch.length + 7);
    assertThat(AppendedLog.start(log)).isGreaterThan(QemuFiles.LONGEST_LOG / 3);
    assertThat(Files.readString(log)).endsWith("xthe end");
  }

  @ParameterizedTest
  @MethodSource("logs")
  void aLogThatIsNotThereIsNoFault(String name, @TempDir Path directory) {
    VmHandle vm =
        new VmHandle(new VmName("a"), UUID.randomUUID(), directory, directory.resolve("run"), null);
    new QemuFiles(vm).keepLogs(Instant.EPOCH);
    assertThat(directory.resolve(name)).doesNotExist();
    assertThat(ShareFacts.log(directory)).doesNotExist();
  }
}
