package dev.vmctl.store;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.host.LinuxHostLocks;
import dev.vmctl.host.LinuxHostProcesses;
import dev.vmctl.model.VmName;
import dev.vmctl.store.FileVmStore.Sharing;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.file.Files;
import java.nio.file.Path;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.EnumSource;

/** A VM's directory leaves, or is not there yet. */
class TakeAwayTest {
  private static final VmName WEB = new VmName("web");

  @TempDir Path root;
  private DataDirectory data;

  @BeforeEach
  void makeDirectories() throws IOException {
    data = new DataDirectory(root);
    Files.createDirectories(data.vms());
  }

  private FileVmStore store(Sharing sharing) {
    return new FileVmStore(data, new LinuxHostLocks(new LinuxHostProcesses()), sharing);
  }

  private void moveAway() {
    try {
      Files.move(data.vm(WEB), root.resolve("away"));
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }

  @ParameterizedTest
  @EnumSource
  void whatIsTakenAwayIsForgotten(Sharing sharing) {
    FileVmStore store = store(sharing);
    store.update(WEB, none -> FileVmStoreTest.record(WEB));
    assertThat(store.takeAway(WEB, record -> true, this::moveAway)).isTrue();
    assertThat(store.read(WEB)).isEmpty();
    assertThat(store.names()).isEmpty();
  }

  @ParameterizedTest
  @EnumSource
  void whatIsWantedByThenStays(Sharing sharing) {
    FileVmStore store = store(sharing);
    store.update(WEB, none -> FileVmStoreTest.record(WEB).withRemoval(null));
    assertThat(store.takeAway(WEB, record -> record.removal() != null, this::moveAway)).isFalse();
    assertThat(store.read(WEB)).isPresent();
    assertThat(data.vm(WEB)).isDirectory();
  }

  @ParameterizedTest
  @EnumSource
  void whatACrashLeavesOfAFirstRecordDoesNotBlockTheName(Sharing sharing) throws IOException {
    Files.createDirectories(data.vm(WEB));
    Files.writeString(data.vm(WEB).resolve(".vm.json.0a1b.tmp"), "{");
    FileVmStore store = store(sharing);
    store.update(WEB, none -> FileVmStoreTest.record(WEB));
    assertThat(store.read(WEB)).isPresent();
  }
}
