package dev.vmctl;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.vmctl.guest.Guests;
import dev.vmctl.guest.SeedNetwork;
import dev.vmctl.guest.SshGuests;
import dev.vmctl.host.LinuxHostFacts;
import dev.vmctl.host.LinuxHostLocks;
import dev.vmctl.host.LinuxHostProcesses;
import dev.vmctl.host.OperatingSystem;
import dev.vmctl.hypervisor.HypervisorRouter;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.BackendTag;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.FieldValues;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmFields;
import dev.vmctl.model.VmName;
import dev.vmctl.model.VmSpec;
import dev.vmctl.store.DataDirectory;
import dev.vmctl.store.FileVmStore;
import java.io.IOException;
import java.io.InputStream;
import java.net.InetSocketAddress;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CopyOnWriteArrayList;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.util.io.resource.PathResource;
import org.apache.sshd.common.util.security.SecurityUtils;
import org.apache.sshd.server.SshServer;
import org.apache.sshd.server.command.AbstractCommandSupport;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

@Timeout(60)
class HostHypervisorsTest {
  @TempDir Path directory;
  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private final List<String> commands = new CopyOnWriteArrayList<>();

  @AfterEach
  void close() {
    threads.shutdownNow();
  }

  private static VmSpec spec(BackendTag backend) {
    FieldValues values = new FieldValues();
    values.put(VmFields.BACKEND, backend);
    return VmSpec.of(new VmName("web"), values);
  }

  @ParameterizedTest
  @CsvSource({"Linux,QEMU", "SunOS,PROPOLIS", "FreeBSD,BHYVE", "Mac OS X,QEMU"})
  void theOperatingSystemDecidesWhatRunsVmsThatDeclareNothing(String system, BackendTag usual) {
    assertThat(HostHypervisors.usual(OperatingSystem.named(system))).isEqualTo(usual);
  }

  @Test
  void propolisIsAtHandEverywhereAndSaysWhereItCannotRun() {
    DataDirectory data = new DataDirectory(directory);
    LinuxHostProcesses processes = new LinuxHostProcesses();
    FileVmStore store =
        new FileVmStore(data, new LinuxHostLocks(processes), FileVmStore.Sharing.SHARED);
    try (SshGuests guests =
            new SshGuests(
                threads,
                Clock.systemUTC(),
                new LinuxHostProcesses(),
                new LinuxHostFacts(Map.of(), directory, "tester"));
        HypervisorRouter router =
            HostHypervisors.of(
                processes,
                LinuxHostFacts.ofThisProcess(),
                Clock.systemUTC(),
                directory.resolve("host"),
                guests,
                store)) {
      assertThat(router.tag(VmSpec.of(new VmName("web"), new FieldValues())))
          .isEqualTo(BackendTag.QEMU);
      assertThatThrownBy(() -> router.of(spec(BackendTag.PROPOLIS)).checkAvailable())
          .isInstanceOfSatisfying(
              VmException.class,
              e -> {
                assertThat(e.code()).isEqualTo(ErrorCode.BACKEND_NOT_AVAILABLE);
                assertThat(e).hasMessageContaining("illumos");
              });
    }
  }

  private SshServer guest(Path vm, int exitCode) throws IOException {
    SshServer server = SshServer.setUpDefaultServer();
    server.setHost("127.0.0.1");
    server.setKeyPairProvider(
        session -> {
          Path key = vm.resolve(Guests.HOST_KEY);
          try (InputStream in = Files.newInputStream(key)) {
            return SecurityUtils.loadKeyPairIdentities(null, new PathResource(key), in, null);
          }
        });
    String allowed = Files.readString(vm.resolve(Guests.CLIENT_KEY + ".pub"));
    server.setPublickeyAuthenticator(
        (user, key, session) -> allowed.startsWith(PublicKeyEntry.toString(key)));
    // Only noted: this machine is to stay up.
    server.setCommandFactory(
        (channel, text) ->
            new AbstractCommandSupport(text, null) {
              @Override
              public void run() {
                commands.add(text);
                onExit(exitCode);
              }
            });
    server.start();
    return server;
  }

  @ParameterizedTest
  @CsvSource({"0", "1"})
  void aGuestIsToldToShutDownOverSsh(int exitCode) throws Exception {
    DataDirectory data = new DataDirectory(directory);
    Path vm = Files.createDirectories(data.vm(new VmName("web")));
    VmSpec spec = VmSpec.of(new VmName("web"), new FieldValues());
    try (SshGuests guests =
        new SshGuests(
            threads,
            Clock.systemUTC(),
            new LinuxHostProcesses(),
            new LinuxHostFacts(Map.of(), directory, "tester"))) {
      guests.writeSeed(vm, spec, UUID.randomUUID(), SeedNetwork.USUAL);
      SshShutdown shutdown = new SshShutdown(guests, name -> java.util.Optional.of(spec));
      VmHandle handle = new VmHandle(new VmName("web"), UUID.randomUUID(), vm, vm, null);
      try (SshServer server = guest(vm, exitCode)) {
        InetSocketAddress address = new InetSocketAddress("127.0.0.1", server.getPort());
        if (exitCode == 0) {
          shutdown.ask(handle, address, Duration.ofSeconds(20));
        } else {
          assertThatThrownBy(() -> shutdown.ask(handle, address, Duration.ofSeconds(20)))
              .isInstanceOfSatisfying(
                  VmException.class, e -> assertThat(e.code()).isEqualTo(ErrorCode.SSH_FAILED));
        }
      }
    }
    assertThat(commands).singleElement().asString().contains("sudo -n", "poweroff");
  }
}
