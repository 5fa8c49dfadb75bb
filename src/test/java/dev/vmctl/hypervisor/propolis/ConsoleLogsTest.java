package dev.vmctl.hypervisor.propolis;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;
import static org.awaitility.Awaitility.await;

import dev.vmctl.host.AppendedLog;
import dev.vmctl.hypervisor.VmHandle;
import dev.vmctl.model.VmName;
import java.net.http.HttpClient;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.UUID;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Consoles in files, from a server that is asked as its document says. */
class ConsoleLogsTest {
  private static final Duration ANSWER = Duration.ofSeconds(10);

  @TempDir Path directory;
  private final FakePropolisServer server = new FakePropolisServer();
  private final HttpClient http = PropolisClient.http(ANSWER);
  private PropolisClient client;
  private VmHandle vm;

  @BeforeEach
  void make() throws Exception {
    client = new PropolisClient(http, server.address(), ApiVersion.DEFAULT);
    vm = new VmHandle(new VmName("web"), UUID.randomUUID(), directory, directory, null);
    Guest guest = new Guest(vm.uuid(), "web", 1, 512, Path.of("/disk"), null, null, "host");
    client.ensure(InstanceSpec.request(guest, ApiVersion.DEFAULT), ANSWER);
  }

  @AfterEach
  void everythingFittedTheDocument() {
    http.shutdownNow();
    server.close();
    assertThat(server.violations).isEmpty();
  }

  private void copyAll(ConsoleLogs logs) throws Exception {
    while (logs.copyMore(vm, client)) {
      // there may be more
    }
  }

  @Test
  void whatIsWrittenGoesOnWhereTheFileEnds() throws Exception {
    server.inside.says("booting\r\n\u00e4");
    copyAll(new ConsoleLogs(ANSWER));
    server.inside.says("login: ");
    copyAll(new ConsoleLogs(ANSWER));
    assertThat(ConsoleLogs.file(vm)).content().isEqualTo("booting\r\n\u00e4login: ");
    assertThat(Files.getPosixFilePermissions(ConsoleLogs.file(vm))).hasSize(2);
  }

  @Test
  void whatTheServerHasLostIsAHole() throws Exception {
    server.inside.says("first");
    copyAll(new ConsoleLogs(ANSWER));
    server.inside.says("x".repeat(200_000) + "last");
    server.inside.forgets(5, 200_005);
    copyAll(new ConsoleLogs(ANSWER));
    assertThat(Files.size(ConsoleLogs.file(vm))).isEqualTo(200_009);
    assertThat(ConsoleLogs.file(vm)).content().startsWith("first").endsWith("last");
  }

  @Test
  void aLogThatGrowsKeepsItsEndInItsPlace() throws Exception {
    ConsoleLogs logs = new ConsoleLogs(ANSWER, 1 << 20);
    for (int i = 0; i < 25; i++) {
      server.inside.says(("line " + i + "\n").repeat(8000));
      copyAll(logs);
    }
    Path file = ConsoleLogs.file(vm);
    assertThat(file).content().endsWith("line 24\n");
    assertThat(Files.size(file)).isGreaterThan(1 << 20);
    assertThat(AppendedLog.start(file)).isPositive();
  }

  @Test
  void itIsFollowedUntilTheServerEnds() throws Exception {
    ConsoleLogs logs = new ConsoleLogs(ANSWER);
    logs.follow(vm, client);
    server.inside.says("hello");
    await().until(() -> Files.size(ConsoleLogs.file(vm)) == 5);
    logs.forget(vm);
    server.inside.says(" world");
    logs.follow(vm, client);
    await().until(() -> Files.size(ConsoleLogs.file(vm)) == 11);
    logs.close();
    server.close();
    assertThatThrownBy(() -> logs.copyMore(vm, client)).hasMessageContaining("propolis-server");
  }
}
