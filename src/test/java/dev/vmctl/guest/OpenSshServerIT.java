package dev.vmctl.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assumptions.assumeThat;

import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import dev.vmctl.model.ProvisionStep;
import dev.vmctl.model.VmName;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** This machine's OpenSSH server, with the keys of a VM's directory, in the place of a guest. */
class OpenSshServerIT extends RealGuestContract {
  private static final Path SSHD = Path.of("/usr/sbin/sshd");

  @TempDir static Path directory;

  private static final ExecutorService THREADS = Executors.newVirtualThreadPerTaskExecutor();
  private static @Nullable SshGuests guests;
  private static @Nullable Process sshd;
  private static int port;

  @BeforeAll
  static void start() throws Exception {
    assumeThat(SSHD).exists();
    // Its steps write to /etc as sudo would; a plain user's machine is not ours to change.
    assumeThat(System.getProperty("user.name")).isEqualTo("root");
    guests = new SshGuests(THREADS, Clock.systemUTC(), directory.resolve("home"));
    guests.writeSeed(directory, GuestSpecs.named("local"), UUID.randomUUID(), SeedNetwork.USUAL);
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    Files.createDirectories(Path.of("/run/sshd"));
    Path config =
        Files.writeString(
            directory.resolve("sshd_config"),
            """
            Port %d
            ListenAddress 127.0.0.1
            HostKey %s
            AuthorizedKeysFile %s.pub
            PidFile none
            StrictModes no
            UsePAM no
            PermitRootLogin prohibit-password
            Subsystem sftp internal-sftp
            """
                .formatted(
                    port,
                    directory.resolve(Guests.HOST_KEY),
                    directory.resolve(Guests.CLIENT_KEY)));
    sshd =
        new ProcessBuilder(SSHD.toString(), "-D", "-e", "-f", config.toString())
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("sshd.log").toFile())
            .start();
    guests.awaitReady(sshOf(target(port)), List.of()).get(30, TimeUnit.SECONDS);
  }

  @AfterAll
  static void stop() throws InterruptedException {
    if (guests != null) {
      guests.close();
    }
    if (sshd != null) {
      sshd.destroy();
      sshd.waitFor();
    }
    THREADS.shutdownNow();
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
    return java.util.Objects.requireNonNull(guests);
  }

  @Override
  SshTarget target() {
    return target(port);
  }

  private static SshTarget target(int port) {
    return new SshTarget(
        new VmName("local"),
        "127.0.0.1",
        port,
        "root",
        directory,
        null,
        false,
        Duration.ofSeconds(30));
  }
}
