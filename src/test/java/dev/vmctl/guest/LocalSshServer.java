package dev.vmctl.guest;

import static org.assertj.core.api.Assumptions.assumeThat;

import dev.vmctl.host.LinuxHostFacts;
import dev.vmctl.host.LinuxHostProcesses;
import dev.vmctl.model.VmName;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;

/** This machine's OpenSSH server, with the keys of a VM's directory, in the place of a guest. */
final class LocalSshServer implements AutoCloseable {
  private static final Path SSHD = Path.of("/usr/sbin/sshd");

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final SshGuests guests;
  private final SshTarget target;
  private final Process sshd;

  private LocalSshServer(Path directory) throws Exception {
    Map<String, String> environment = new HashMap<>(System.getenv());
    environment.put("HOME", directory.resolve("home").toString());
    guests =
        new SshGuests(
            threads,
            Clock.systemUTC(),
            new LinuxHostProcesses(),
            new LinuxHostFacts(environment, directory, "tester"));
    guests.writeSeed(directory, GuestSpecs.named("local"), UUID.randomUUID(), SeedNetwork.USUAL);
    int port;
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    target =
        new SshTarget(
            new VmName("local"),
            "127.0.0.1",
            port,
            "root",
            directory,
            null,
            false,
            Duration.ofSeconds(30));
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
  }

  /** Starts one that answers, or skips the test where that cannot be. */
  static LocalSshServer start(Path directory) throws Exception {
    assumeThat(SSHD).exists();
    // Steps write to /etc as sudo would; a plain user's machine is not ours to change.
    assumeThat(System.getProperty("user.name")).isEqualTo("root");
    LocalSshServer server = new LocalSshServer(directory);
    server
        .guests
        .awaitReady(RealGuestContract.sshOf(server.target), GuestShares.NONE)
        .get(30, TimeUnit.SECONDS);
    return server;
  }

  SshGuests guests() {
    return guests;
  }

  SshTarget target() {
    return target;
  }

  @Override
  public void close() throws InterruptedException {
    guests.close();
    sshd.destroy();
    sshd.waitFor();
    threads.shutdownNow();
  }
}
