package dev.vmctl.guest;

import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.host.LinuxHostFacts;
import dev.vmctl.host.LinuxHostProcesses;
import dev.vmctl.model.CloudInitSpec;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.ProvisionStep.Inline;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmSpec;
import java.net.InetAddress;
import java.net.ServerSocket;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.TimeUnit;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** The small guest under QEMU, from its seed to its last step. */
class SmallGuestIT extends RealGuestContract {
  @TempDir static Path directory;

  private static final ExecutorService THREADS = Executors.newVirtualThreadPerTaskExecutor();
  private static final VmSpec SPEC =
      GuestSpecs.with("small", new CloudInitSpec("small-one", null, null), null);
  private static @Nullable SshGuests guests;
  private static @Nullable Process qemu;
  private static int port;

  @BeforeAll
  static void boot() throws Exception {
    Path image = image();
    assertThat(image.resolve("root.qcow2")).as("the small guest; bin/check builds it").exists();
    guests =
        new SshGuests(
            THREADS,
            Clock.systemUTC(),
            new LinuxHostProcesses(),
            new LinuxHostFacts(Map.of(), directory.resolve("home"), "tester"));
    long start = System.nanoTime();
    Path seed = guests.writeSeed(directory, SPEC, UUID.randomUUID(), SeedNetwork.USUAL);
    report("seed and keys", start);
    try (ServerSocket free = new ServerSocket(0, 1, InetAddress.getLoopbackAddress())) {
      port = free.getLocalPort();
    }
    start = System.nanoTime();
    qemu =
        new ProcessBuilder(command(image, seed))
            .redirectErrorStream(true)
            .redirectOutput(directory.resolve("qemu.log").toFile())
            .start();
    guests.awaitReady(sshOf(target(port)), GuestShares.NONE).get(120, TimeUnit.SECONDS);
    report("power-on to banner", start);
    start = System.nanoTime();
    assertThat(
            guests
                .provision(
                    target(port), List.of(new Inline("true")), List.of(), (number, of, step) -> {})
                .get(60, TimeUnit.SECONDS))
        .isEqualTo(new ProvisionResult.Succeeded());
    report("banner to end of first step", start);
  }

  @AfterAll
  static void powerOff() throws InterruptedException {
    if (guests != null) {
      guests.close();
    }
    if (qemu != null) {
      qemu.destroyForcibly();
      qemu.waitFor();
    }
    THREADS.shutdownNow();
  }

  @Test
  void theSeedIsAppliedInTheGuest() throws Exception {
    assertThat(systemSsh("hostname; id -un; sudo -n id -u")).isEqualTo("small-one\nvm\n0\n");
  }

  @Test
  void theHostKeyOfTheGuestIsTheOneHandedIn() throws Exception {
    String pinned = Files.readString(directory.resolve(Guests.HOST_KEY + ".pub")).split(" ")[1];
    Path out = files.resolve("scan");
    String seen = "";
    // Its own patience is 5 s, which a guest under emulation may use up for one connection.
    for (int attempt = 0; attempt < 3 && !seen.contains(pinned); attempt++) {
      Process scan =
          new ProcessBuilder(
                  "ssh-keyscan", "-T", "25", "-t", "ed25519", "-p", "" + port, "127.0.0.1")
              .redirectOutput(out.toFile())
              .redirectError(ProcessBuilder.Redirect.DISCARD)
              .start();
      assertThat(scan.waitFor(60, TimeUnit.SECONDS)).isTrue();
      seen = Files.readString(out);
    }
    assertThat(seen).contains(pinned);
  }

  @Test
  void aFirstStepTakesLittleLongerThanTheSystemsClient() throws Exception {
    for (int round = 0; round < 5; round++) {
      long start = System.nanoTime();
      systemSsh("true");
      report("ssh guest true", start);
      start = System.nanoTime();
      succeed(new Inline("true"));
      report("one inline step, connection included", start);
    }
  }

  @Test
  void aGuestThatDropsTheConnectionIsWorthTryingAgain() throws Exception {
    try {
      guests()
          .provision(
              target(),
              // dropbear's process of this connection is the grandparent or nearer
              List.of(
                  new Inline(
                      "p=$PPID; for i in 1 2 3; do c=$(cat /proc/$p/comm); "
                          + "[ \"$c\" = dropbear ] && sudo -n kill -9 $p; "
                          + "p=$(sed 's/.*) . //' /proc/$p/stat | cut -d' ' -f1); done; sleep 20")),
              List.of(),
              (number, of, step) -> {})
          .get(60, TimeUnit.SECONDS);
      throw new AssertionError("the connection did not break");
    } catch (ExecutionException e) {
      assertThat(e.getCause())
          .isInstanceOfSatisfying(
              VmException.class,
              failure -> assertThat(failure.code()).isEqualTo(ErrorCode.SSH_FAILED));
    }
  }

  @Override
  SshGuests guests() {
    return Objects.requireNonNull(guests);
  }

  @Override
  SshTarget target() {
    return target(port);
  }

  private static SshTarget target(int port) {
    return SshTarget.of(SPEC, "127.0.0.1", port, directory, Duration.ofSeconds(90));
  }

  private static Path image() {
    String declared = System.getenv("VMCTL_TEST_GUEST");
    return declared != null
        ? Path.of(declared)
        : Path.of(System.getProperty("user.home"), ".cache/vmctl/guests/small");
  }

  private static List<String> command(Path image, Path seed) {
    return List.of(
        "qemu-system-x86_64",
        "-nodefaults",
        "-no-user-config",
        "-display",
        "none",
        "-machine",
        "q35",
        "-accel",
        "tcg",
        "-cpu",
        "max",
        "-m",
        "128",
        "-no-reboot",
        "-kernel",
        image.resolve("vmlinuz").toString(),
        "-initrd",
        image.resolve("initrd.img").toString(),
        "-append",
        "console=ttyS0 root=/dev/vda quiet cryptomgr.notests",
        "-drive",
        "if=virtio,snapshot=on,format=qcow2,file=" + image.resolve("root.qcow2"),
        "-drive",
        "if=virtio,readonly=on,format=raw,file=" + seed,
        "-netdev",
        "user,id=n0,hostfwd=tcp:127.0.0.1:" + port + "-:22",
        "-device",
        "virtio-net-pci,netdev=n0",
        "-device",
        "virtio-rng-pci",
        "-serial",
        "file:" + directory.resolve("console.log"));
  }

  private static void report(String what, long start) {
    System.out.printf("small guest: %s: %d ms%n", what, (System.nanoTime() - start) / 1_000_000);
  }
}
