package dev.vmctl.guest;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;

import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import dev.vmctl.guest.ProvisionResult.Failed;
import dev.vmctl.guest.ProvisionResult.Succeeded;
import dev.vmctl.host.LinuxHostFacts;
import dev.vmctl.host.LinuxHostProcesses;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.ProvisionStep;
import dev.vmctl.model.ProvisionStep.Inline;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.concurrent.CompletableFuture;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.junit.jupiter.api.Test;

/** Steps run in the guest: their order, their output, and what breaks them off. */
class SshProvisionTest extends SshGuestsFixture {
  @Test
  void stepsRunInOrderAndTheirOutputIsLogged() throws Exception {
    try (FakeSshServer server =
        server(
            command -> {
              command.out.write(command.in.readNBytes("echo one".length()));
              command.out.write(new byte[] {(byte) 0xff, '\n'});
              command.out.flush();
              command.exit(0);
            })) {
      List<ProvisionStep> steps = List.of(new Inline("echo one"), new Inline("echo two"));
      assertThat(provision(server.port(), steps).get(20, SECONDS)).isEqualTo(new Succeeded());
    }
    byte[] log = Files.readAllBytes(directory.resolve(Guests.PROVISION_LOG));
    assertThat(new String(log, StandardCharsets.ISO_8859_1))
        .matches(
            "(?s)=== \\S+Z step 1/2 shell: echo one\necho one\u00ff\n"
                + "=== \\S+Z step 1/2 ended after \\S+ s: exit code 0\n"
                + "=== \\S+Z step 2/2 shell: echo two\necho two\u00ff\n=== .*exit code 0\n");
    assertThat(
            PosixFilePermissions.toString(
                Files.getPosixFilePermissions(directory.resolve(Guests.PROVISION_LOG))))
        .isEqualTo("rw-------");
  }

  @Test
  void theFirstFailureEndsTheRunWithItsLastOutput() throws Exception {
    try (FakeSshServer server =
        server(
            command -> {
              for (int i = 0; i < 1000; i++) {
                command.out.write(("line " + i + "\u001b[31m\n").getBytes(StandardCharsets.UTF_8));
              }
              command.out.write("\u0007E: no such package\n".getBytes(StandardCharsets.UTF_8));
              command.out.flush();
              command.exit(3);
            })) {
      List<ProvisionStep> steps = List.of(new Inline("apt install x"), new Inline("never"));
      ProvisionResult result = provision(server.port(), steps).get(20, SECONDS);

      assertThat(result).isInstanceOf(Failed.class);
      Failed failed = (Failed) result;
      assertThat(failed.step()).isEqualTo(1);
      assertThat(failed.message())
          .startsWith("step 1/2 shell: apt install x failed: exit code 3; its last output:\n")
          .endsWith("line 999\nE: no such package")
          .doesNotContain("line 980\n")
          .doesNotContain("\u001b", "\u0007");
    }
    assertThat(directory.resolve(Guests.PROVISION_LOG)).content().doesNotContain("never");
  }

  @Test
  void aMissingScriptIsAResultAndNotAnException() throws Exception {
    Path missing = directory.resolve("missing.sh");
    try (FakeSshServer server = server(command -> command.exit(0))) {
      assertThat(
              provision(server.port(), List.of(new ProvisionStep.Script(missing))).get(20, SECONDS))
          .asInstanceOf(InstanceOfAssertFactories.type(Failed.class))
          .extracting(Failed::message)
          .asString()
          .endsWith("failed: " + missing + " does not exist");
    }
  }

  @Test
  @Fault(area = Area.GUEST, value = "prints what is not UTF-8")
  void outputThatIsNoTextIsShownAsFarAsItIs(Seen seen) throws Exception {
    try (FakeSshServer server =
        server(
            command -> {
              command.out.write(new byte[] {(byte) 0xff, (byte) 0xfe, ' ', 'c', 'a', 'f'});
              command.out.write(new byte[] {(byte) 0xe9, 0, 0x1b, '[', '2', 'J', '\n'});
              command.out.flush();
              command.exit(1);
            })) {
      Failed failed = (Failed) provision(server.port(), ONE_STEP).get(20, SECONDS);
      assertThat(failed.message()).endsWith("its last output:\n\ufffd\ufffd caf\ufffd");
      seen.says(failed.message());
    }
    assertThat(Files.readAllBytes(directory.resolve(Guests.PROVISION_LOG)))
        .as("the log has it byte for byte")
        .contains((byte) 0xff, (byte) 0xfe, (byte) 0xe9, (byte) 0);
  }

  @Test
  @Fault(area = Area.GUEST, value = "closes the connection during a step")
  void aConnectionThatDropsInTheMiddleIsWorthTryingAgain(Seen seen) throws Exception {
    try (FakeSshServer server =
        server(command -> command.in.transferTo(OutputStream.nullOutputStream()))) {
      CompletableFuture<ProvisionResult> run = provision(server.port(), ONE_STEP);
      assertThat(server.started.await(20, SECONDS)).isTrue();
      server.dropConnections();

      seen.failed(
          assertFails(() -> join(run), ErrorCode.SSH_FAILED)
              .withMessageContaining("broke")
              .actual());
    }
    assertThat(directory.resolve(Guests.PROVISION_LOG)).content().contains("broke");
  }

  @Test
  @Fault(area = Area.GUEST, value = "goes silent during a step")
  void aConnectionThatGoesSilentIsNoticed(Seen seen) throws Exception {
    guests.close();
    guests =
        new SshGuests(
            threads,
            Clock.systemUTC(),
            new LinuxHostProcesses(),
            new LinuxHostFacts(Map.of(), home, "tester"),
            Duration.ofMillis(500));
    try (FakeSshServer server =
            server(command -> new java.util.concurrent.CountDownLatch(1).await());
        SilencingProxy proxy = new SilencingProxy(server.port(), threads)) {
      CompletableFuture<ProvisionResult> run = provision(proxy.port(), ONE_STEP);
      assertThat(server.started.await(20, SECONDS)).isTrue();
      proxy.silence();

      seen.failed(assertFails(() -> join(run), ErrorCode.SSH_FAILED).actual());
    }
  }

  @Test
  void cancellingEndsTheRemoteCommand() throws Exception {
    try (FakeSshServer server =
        server(command -> new java.util.concurrent.CountDownLatch(1).await())) {
      CompletableFuture<ProvisionResult> run = provision(server.port(), ONE_STEP);
      assertThat(server.started.await(20, SECONDS)).isTrue();

      run.cancel(true);

      assertThat(server.signalled.await(20, SECONDS)).isTrue();
    }
  }

  @Test
  void moreOutputThanTheLogHoldsIsReadToItsEnd() throws Exception {
    byte[] block = new byte[1 << 20];
    Arrays.fill(block, (byte) 'x');
    try (FakeSshServer server =
        server(
            command -> {
              for (int i = 0; i < 48; i++) {
                command.out.write(block);
              }
              command.out.write("\nthe end\n".getBytes(StandardCharsets.UTF_8));
              command.out.flush();
              command.exit(1);
            })) {
      Failed failed = (Failed) provision(server.port(), ONE_STEP).get(100, SECONDS);
      assertThat(failed.message()).endsWith("the end").hasSizeLessThan(2300);
    }
    Path log = directory.resolve(Guests.PROVISION_LOG);
    assertThat(Files.size(log))
        .isBetween(ProvisionLog.MAX_RUN_BYTES, ProvisionLog.MAX_RUN_BYTES + 1000);
    byte[] all = Files.readAllBytes(log);
    assertThat(new String(all, all.length - 300, 300, StandardCharsets.UTF_8))
        .contains("longer than 16 MiB")
        .contains("exit code 1");
  }

  @Test
  void aLogThatIsFullIsSetAside() throws Exception {
    Path log = directory.resolve(Guests.PROVISION_LOG);
    Files.write(log, new byte[(int) ProvisionLog.MAX_RUN_BYTES]);
    ProvisionLog.open(directory, Clock.systemUTC()).close();

    assertThat(log).isEmptyFile();
    assertThat(directory.resolve(Guests.PROVISION_LOG + ProvisionLog.OLD_SUFFIX))
        .hasSize(ProvisionLog.MAX_RUN_BYTES);
  }
}
