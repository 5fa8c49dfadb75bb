package dev.vmctl.guest;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;

import dev.vmctl.host.LinuxHostFacts;
import dev.vmctl.host.LinuxHostProcesses;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.ProvisionStep;
import dev.vmctl.model.ProvisionStep.Inline;
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.assertj.core.api.ThrowableAssertAlternative;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

/** A guest that is an SSH server in this process, with the keys of a seed. */
@Timeout(120)
abstract class SshGuestsFixture {
  static final List<ProvisionStep> ONE_STEP = List.of(new Inline("true"));

  @TempDir Path directory;
  @TempDir Path home;
  final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  SshGuests guests;

  @BeforeEach
  void makeKeys() {
    guests =
        new SshGuests(
            threads,
            Clock.systemUTC(),
            new LinuxHostProcesses(),
            new LinuxHostFacts(Map.of(), home, "tester"));
    guests.writeSeed(directory, GuestSpecs.named("web"), UUID.randomUUID(), SeedNetwork.USUAL);
  }

  @AfterEach
  void close() {
    guests.close();
    threads.shutdownNow();
  }

  static ThrowableAssertAlternative<VmException> assertFails(
      ThrowingCallable call, ErrorCode code) {
    return assertThatExceptionOfType(VmException.class)
        .isThrownBy(call)
        .matches(e -> e.code() == code, "has code " + code)
        .matches(e -> !e.help().isEmpty(), "has help");
  }

  static void join(CompletableFuture<?> future) throws Throwable {
    try {
      future.orTimeout(60, SECONDS).join();
    } catch (CompletionException e) {
      throw Objects.requireNonNull(e.getCause());
    }
  }

  CompletableFuture<ProvisionResult> provision(int port, List<ProvisionStep> steps) {
    return guests.provision(target(port), steps, List.of(), (number, of, step) -> {});
  }

  FakeSshServer server(FakeSshServer.Behaviour behaviour) throws IOException {
    return new FakeSshServer(directory.resolve(Guests.HOST_KEY), clientKey(), behaviour);
  }

  String clientKey() throws IOException {
    return Files.readString(directory.resolve(Guests.CLIENT_KEY + ".pub"));
  }

  OpenSshKeyPair hostKey() throws IOException {
    return OpenSshKeyPair.parse(Files.readString(directory.resolve(Guests.HOST_KEY)), "")
        .orElseThrow();
  }

  SshTarget target(int port) {
    return target(port, Duration.ofSeconds(20));
  }

  SshTarget target(int port, Duration deadline) {
    return target(port, deadline, null);
  }

  SshTarget target(int port, Duration deadline, @Nullable Path key) {
    return new SshTarget(
        new VmName("web"), "127.0.0.1", port, "vm", directory, key, false, deadline);
  }

  SshTarget trustingTarget(int port) {
    return new SshTarget(
        new VmName("web"), "127.0.0.1", port, "vm", directory, null, true, Duration.ofSeconds(20));
  }
}
