package dev.vmctl.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import dev.vmctl.model.ProvisionStep;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** This machine's OpenSSH server, with the keys of a VM's directory, in the place of a guest. */
class OpenSshServerIT extends RealGuestContract {
  @TempDir static Path directory;

  private static @Nullable LocalSshServer server;

  @BeforeAll
  static void start() throws Exception {
    server = LocalSshServer.start(directory);
  }

  @AfterAll
  static void stop() throws InterruptedException {
    if (server != null) {
      server.close();
    }
  }

  /** More than a connection carries under one set of keys: they are exchanged anew half-way. */
  @Test
  @Timeout(600)
  @Fault(area = Area.GUEST, value = "prints a gigabyte during a step that then fails")
  void aGigabyteOfOutputFillsNeitherMemoryNorDisk(Seen seen) throws Exception {
    List<ProvisionStep> steps =
        List.of(
            new ProvisionStep.Inline("head -c 1200000000 /dev/zero; echo; echo the end; exit 1"));
    ProvisionResult result =
        guests()
            .provision(target(), steps, List.of(), (number, of, step) -> {})
            .get(590, TimeUnit.SECONDS);

    String message = ((ProvisionResult.Failed) result).message();
    assertThat(message).endsWith("the end");
    seen.says(message);
    assertThat(Files.size(directory.resolve(Guests.PROVISION_LOG)))
        .isLessThan(2 * ProvisionLog.MAX_RUN_BYTES);
  }

  @Override
  SshGuests guests() {
    return Objects.requireNonNull(server).guests();
  }

  @Override
  SshTarget target() {
    return Objects.requireNonNull(server).target();
  }
}
