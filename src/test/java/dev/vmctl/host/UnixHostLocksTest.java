package dev.vmctl.host;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.host.HostLock.Mode;
import dev.vmctl.host.fake.FakeHost;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.nio.file.Path;
import java.time.Duration;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** What is not the same as on Linux: who is told to hold a lock. */
class UnixHostLocksTest {
  @TempDir Path directory;

  @Test
  void whoHasTheFileOpenHoldsTheLock() throws Exception {
    FakeHost host = new FakeHost(directory);
    HostLocks locks = ThisHost.locks(OperatingSystem.FREEBSD, host);
    Path file = directory.resolve("a.lock");
    assertThat(locks.holders(file)).as("nobody ever took it").isEmpty();
    try (HostLock held = locks.tryAcquire(file, Mode.EXCLUSIVE).orElseThrow()) {
      host.failures.put("fuser " + file, new ToolResult(0, "  4711  4712\n", file + ":ww"));
      assertThatThrownBy(() -> locks.acquire(file, Mode.SHARED, Duration.ofMillis(5)))
          .isInstanceOfSatisfying(
              VmException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.STORE_LOCKED))
          .hasMessageContaining("process 4711, process 4712");
      host.failures.put("fuser " + file, new ToolResult(1, "", ""));
      assertThat(locks.holders(file)).isEmpty();
    }
    assertThat(locks.tryAcquire(file, Mode.EXCLUSIVE)).isPresent();
  }
}
