package dev.vmctl.guest;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.assertj.core.api.Assumptions.assumeThat;
import static org.awaitility.Awaitility.await;

import dev.vmctl.host.HostProcess;
import dev.vmctl.host.LinuxHostProcesses;
import dev.vmctl.model.ShareFacts;
import dev.vmctl.model.ShareSpec;
import dev.vmctl.model.ShareSpec.Via;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Objects;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterAll;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeAll;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Directories over SFTP, mounted by this machine in the place of a guest. */
class SftpSharesIT {
  @TempDir static Path vm;
  private static @Nullable LocalSshServer server;

  @TempDir Path files;
  private Path shared = Path.of("/nonexistent");
  private Path mounted = Path.of("/nonexistent");
  private @Nullable Process machine;

  @BeforeAll
  static void start() throws Exception {
    assumeThat(Path.of("/dev/fuse")).exists();
    server = LocalSshServer.start(vm);
  }

  @AfterAll
  static void stop() throws InterruptedException {
    if (server != null) {
      server.close();
    }
  }

  @BeforeEach
  void makeDirectories() throws IOException {
    shared = Files.createDirectory(files.resolve("it's shared"));
    mounted = files.resolve("it's mounted");
    Files.writeString(shared.resolve("a"), "of the host");
    machine = new ProcessBuilder("sleep", "600").start();
  }

  @AfterEach
  void end() throws Exception {
    Objects.requireNonNull(machine).destroyForcibly().waitFor();
    servers().forEach(ProcessHandle::destroy);
    await()
        .untilAsserted(
            () -> assertThat(Files.readString(Path.of("/proc/mounts"))).doesNotContain("vmctl0 "));
  }

  @Test
  void theGuestReadsAndWritesWhatTheHostHas() throws Exception {
    List<ShareFacts> used = share(Via.SFTP, Via.SFTP, false);

    assertThat(used).extracting(ShareFacts::via).containsExactly(Via.SFTP);
    assertThat(mounted.resolve("a")).hasContent("of the host");
    Files.writeString(mounted.resolve("b"), "of the guest");
    assertThat(shared.resolve("b")).hasContent("of the guest");
    assertThat(share(Via.SFTP, Via.SFTP, false)).isEqualTo(used);
    assertThat(servers()).hasSize(1);
  }

  @Test
  void whatIsReadOnlyCannotBeChanged() throws Exception {
    share(Via.SFTP, Via.SFTP, true);

    assertThat(mounted.resolve("a")).hasContent("of the host");
    assertThatThrownBy(() -> Files.writeString(mounted.resolve("b"), "x"))
        .isInstanceOf(IOException.class);
  }

  @Test
  void aGuestWithoutDriverForWhatIsOfferedGetsItOverSsh() throws Exception {
    assertThat(share(Via.AUTO, Via.PLAN9, false))
        .extracting(ShareFacts::via)
        .containsExactly(Via.SFTP);
    assertThat(mounted.resolve("a")).hasContent("of the host");
  }

  @Test
  void whoAsksForOneWayGetsNoOther() {
    assertThatThrownBy(() -> share(Via.PLAN9, Via.PLAN9, false))
        .isInstanceOf(ExecutionException.class)
        .hasMessageContaining("by 9p");
    assertThat(mounted)
        .satisfiesAnyOf(
            there -> assertThat(there).doesNotExist(),
            there -> assertThat(there).isEmptyDirectory());
  }

  @Test
  void aServerThatWasKilledIsStartedAgain() throws Exception {
    share(Via.SFTP, Via.SFTP, false);
    GuestShares shares = shares(Via.SFTP, Via.SFTP, false);
    assertThat(guest().guests().keepServing(guest().target(), shares)).isEmpty();
    for (ProcessHandle killed : servers().toList()) {
      killed.destroyForcibly();
      killed.onExit().get(30, TimeUnit.SECONDS);
    }

    assertThat(guest().guests().keepServing(guest().target(), shares)).hasSize(1);
    await()
        .ignoreExceptions()
        .untilAsserted(() -> assertThat(mounted.resolve("a")).hasContent("of the host"));
  }

  @Test
  void itEndsWithTheProcessThatRunsTheGuest() throws Exception {
    share(Via.SFTP, Via.SFTP, false);
    Objects.requireNonNull(machine).destroyForcibly().waitFor();
    // As a guest's does when it ends.
    servers()
        .flatMap(ProcessHandle::descendants)
        .filter(SftpSharesIT::isSsh)
        .forEach(ProcessHandle::destroy);
    await().untilAsserted(() -> assertThat(servers()).isEmpty());
    assertThat(ShareFacts.pipe(vm, "vmctl0")).doesNotExist();
  }

  private static boolean isSsh(ProcessHandle process) {
    return process.info().command().filter(command -> command.endsWith("/ssh")).isPresent();
  }

  private List<ShareFacts> share(Via declared, Via offered, boolean readOnly) throws Exception {
    return guest()
        .guests()
        .awaitReady(RealGuestContract.sshOf(guest().target()), shares(declared, offered, readOnly))
        .get(60, TimeUnit.SECONDS);
  }

  private GuestShares shares(Via declared, Via offered, boolean readOnly) {
    HostProcess process =
        new LinuxHostProcesses().find(Objects.requireNonNull(machine).pid()).orElseThrow();
    return new GuestShares(
        List.of(new ShareFacts("vmctl0", shared, mounted.toString(), readOnly, offered)),
        List.of(new ShareSpec(shared, mounted.toString(), readOnly, declared)),
        process);
  }

  private static Stream<ProcessHandle> servers() {
    String pipe = ShareFacts.pipe(vm, "vmctl0").toString();
    return ProcessHandle.allProcesses()
        .filter(
            process ->
                process.info().arguments().stream().flatMap(Arrays::stream).anyMatch(pipe::equals));
  }

  private static LocalSshServer guest() {
    return Objects.requireNonNull(server);
  }
}
