package dev.vmctl.guest;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatExceptionOfType;
import static org.awaitility.Awaitility.await;

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
import dev.vmctl.model.VmException;
import dev.vmctl.model.VmName;
import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.security.SecureRandom;
import java.time.Clock;
import java.time.Duration;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.UUID;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.CompletionException;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.assertj.core.api.InstanceOfAssertFactories;
import org.assertj.core.api.ThrowableAssert.ThrowingCallable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.Timeout;
import org.junit.jupiter.api.io.TempDir;

@Timeout(120)
class SshGuestsTest {
  private static final List<ProvisionStep> ONE_STEP = List.of(new Inline("true"));

  @TempDir Path directory;
  @TempDir Path home;

  private final ExecutorService threads = Executors.newVirtualThreadPerTaskExecutor();
  private SshGuests guests =
      new SshGuests(
          threads,
          Clock.systemUTC(),
          new LinuxHostProcesses(),
          new LinuxHostFacts(Map.of(), Path.of("/"), "tester"));

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

  @Test
  void theOutputOfACommandComesBackWithItsExitCode() throws Exception {
    try (FakeSshServer server =
            server(
                command -> {
                  command.out.write("to out: ".getBytes(StandardCharsets.UTF_8));
                  command.in.transferTo(command.out);
                  command.error.write("to error".getBytes(StandardCharsets.UTF_8));
                  command.error.flush();
                  command.out.flush();
                  command.exit(42);
                });
        SshConnection connection = guests.connect(target(server.port()))) {
      ByteArrayOutputStream out = new ByteArrayOutputStream();
      ByteArrayOutputStream error = new ByteArrayOutputStream();
      RemoteExit exit =
          connection.exec("anything", new ByteArrayInputStream(new byte[] {'i', 'n'}), out, error);

      assertThat(exit).isEqualTo(new RemoteExit.Code(42));
      assertThat(out).hasToString("to out: in");
      assertThat(error).hasToString("to error");
    }
  }

  @Test
  @Fault(area = Area.GUEST, value = "another host key than the pinned one")
  void aServerWithAnotherHostKeyIsRefused(Seen seen) throws Exception {
    Path other = directory.resolve("other_key");
    Files.writeString(other, OpenSshKeyPair.generate("x", new SecureRandom()).privateText());
    try (FakeSshServer server = new FakeSshServer(other, clientKey(), command -> command.exit(0))) {
      VmException failure =
          assertFails(() -> guests.connect(target(server.port())), ErrorCode.SSH_HOST_KEY_CHANGED)
              .withMessageContaining("pinned for web")
              .actual();
      Matcher fingerprint = Pattern.compile("SHA256:\\S{43}").matcher(failure.getMessage());
      assertThat(fingerprint.find()).isTrue();
      seen.calling(fingerprint.group(), "SHA256:<fingerprint>").failed(failure);
      assertThat(server.logins).as("no key was shown to it").hasValue(0);
    }
  }

  @Test
  void anUnknownHostKeyIsRefusedUnlessTrustedAtFirstUse() throws Exception {
    Files.delete(directory.resolve(Guests.KNOWN_HOSTS));
    try (FakeSshServer server = server(command -> command.exit(0))) {
      assertFails(() -> guests.connect(target(server.port())), ErrorCode.SSH_HOST_KEY_CHANGED);

      guests.connect(trustingTarget(server.port())).close();

      assertThat(directory.resolve(Guests.KNOWN_HOSTS))
          .content()
          .contains("vmctl-web " + hostKey().publicKey());
      guests.connect(target(server.port())).close();
    }
  }

  @Test
  void aKeyPinnedAtFirstUseIsNotReplacedAtTheSecond() throws Exception {
    Path other = directory.resolve("other_key");
    Files.writeString(other, OpenSshKeyPair.generate("x", new SecureRandom()).privateText());
    try (FakeSshServer server = new FakeSshServer(other, clientKey(), command -> command.exit(0))) {
      assertFails(
          () -> guests.connect(trustingTarget(server.port())), ErrorCode.SSH_HOST_KEY_CHANGED);
    }
  }

  @Test
  void aHashedEntryOfTheSystemsClientCounts() throws Exception {
    // printf 'vmctl-web ssh-ed25519 ...' and ssh-keygen -H would make this; salt and HMAC by hand.
    byte[] salt = new byte[20];
    javax.crypto.Mac mac = javax.crypto.Mac.getInstance("HmacSHA1");
    mac.init(new javax.crypto.spec.SecretKeySpec(salt, "HmacSHA1"));
    byte[] hash = mac.doFinal("vmctl-web".getBytes(StandardCharsets.UTF_8));
    java.util.Base64.Encoder base64 = java.util.Base64.getEncoder();
    Files.writeString(
        directory.resolve(Guests.KNOWN_HOSTS),
        "|1|%s|%s %s\n"
            .formatted(
                base64.encodeToString(salt), base64.encodeToString(hash), hostKey().publicKey()));
    try (FakeSshServer server = server(command -> command.exit(0))) {
      guests.connect(target(server.port())).close();
    }
  }

  @Test
  void aLoginIsTriedAgainWhileCloudInitMakesTheUser() throws Exception {
    try (FakeSshServer server = server(command -> command.exit(0))) {
      server.loginsRefused.set(true);
      CompletableFuture<ProvisionResult> run = provision(server.port(), ONE_STEP);
      await().until(() -> server.logins.get() >= 2);
      server.loginsRefused.set(false);

      assertThat(run.get(20, SECONDS)).isEqualTo(new Succeeded());
    }
  }

  @Test
  @Fault(area = Area.GUEST, value = "does not take the key")
  void aLoginThatStaysRefusedNamesUserAndKeys(Seen seen) throws Exception {
    try (FakeSshServer server = server(command -> command.exit(0))) {
      server.loginsRefused.set(true);
      seen.failed(
          assertFails(
                  () -> guests.connect(target(server.port(), Duration.ofSeconds(2))),
                  ErrorCode.SSH_AUTH_FAILED)
              .withMessageContaining("user 'vm'")
              .withMessageContaining(Guests.CLIENT_KEY)
              .actual());
    }
  }

  @Test
  void theDeclaredKeyIsTriedAfterTheGeneratedOne() throws Exception {
    OpenSshKeyPair mine = OpenSshKeyPair.generate("mine", new SecureRandom());
    Path key = Files.writeString(directory.resolve("mine"), mine.privateText());
    try (FakeSshServer server =
        new FakeSshServer(
            directory.resolve(Guests.HOST_KEY), mine.publicLine(), command -> command.exit(0))) {
      guests.connect(target(server.port(), Duration.ofSeconds(20), key)).close();
    }
  }

  @Test
  void theUsersOwnKeyIsTriedLast() throws Exception {
    OpenSshKeyPair own = OpenSshKeyPair.generate("own", new SecureRandom());
    Path key = Files.createDirectory(home.resolve(".ssh")).resolve("id_ed25519");
    Files.writeString(key, own.privateText());
    try (FakeSshServer server =
        new FakeSshServer(
            directory.resolve(Guests.HOST_KEY), own.publicLine(), command -> command.exit(0))) {
      guests.connect(target(server.port())).close();
    }
    assertThat(guests.privateKeys(target(1)))
        .containsExactly(directory.resolve(Guests.CLIENT_KEY), key);
  }

  @Test
  void aKeyWithAPassphraseIsNamedAsSuch() throws Exception {
    Files.delete(directory.resolve(Guests.CLIENT_KEY));
    Path key = directory.resolve("locked");
    Process keygen =
        new ProcessBuilder(
                "ssh-keygen", "-q", "-t", "ed25519", "-N", "secret", "-f", key.toString())
            .start();
    assertThat(keygen.waitFor()).isZero();

    assertFails(
            () -> guests.connect(target(1, Duration.ofSeconds(5), key)), ErrorCode.SSH_KEY_INVALID)
        .withMessageContaining(key + " is protected by a passphrase");
  }

  @Test
  void whatIsNoKeyIsNamedAsSuch() throws Exception {
    Files.delete(directory.resolve(Guests.CLIENT_KEY));
    Path key = Files.writeString(directory.resolve("text"), "hello\n");

    assertFails(
            () -> guests.connect(target(1, Duration.ofSeconds(5), key)), ErrorCode.SSH_KEY_INVALID)
        .withMessageContaining(key + " ");
  }

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

  @Test
  void aFileComesBackAsItWentWithItsMode() throws Exception {
    Path local = directory.resolve("a.bin");
    byte[] content = new byte[300_000];
    new java.util.Random(1).nextBytes(content);
    Files.write(local, content);
    Files.setPosixFilePermissions(local, PosixFilePermissions.fromString("rwxr-x--x"));
    String remote = directory.resolve("remote.bin").toString();
    Path back = directory.resolve("back.bin");
    try (FakeSshServer server = server(command -> command.exit(0));
        SshConnection connection = guests.connect(target(server.port()))) {
      connection.upload(local, remote);
      connection.download(remote, back);

      assertThat(back).hasBinaryContent(content);
      assertThat(PosixFilePermissions.toString(Files.getPosixFilePermissions(back)))
          .isEqualTo("rwxr-x--x");
      assertFails(() -> connection.download(remote + ".missing", back), ErrorCode.SSH_FAILED)
          .withMessageContaining("the guest says");
      assertThat(back).hasBinaryContent(content);
    }
  }

  @Test
  void nobodyListeningIsSaidAfterTheDeadline() throws Exception {
    int port;
    try (FakeSshServer server = server(command -> command.exit(0))) {
      port = server.port();
    }
    assertFails(() -> guests.connect(target(port, Duration.ofMillis(700))), ErrorCode.SSH_FAILED)
        .withMessageContaining("127.0.0.1:" + port);
  }

  private interface Checked {
    void run() throws Throwable;
  }

  private static org.assertj.core.api.ThrowableAssertAlternative<VmException> assertFails(
      Checked call, ErrorCode code) {
    ThrowingCallable callable = call::run;
    return assertThatExceptionOfType(VmException.class)
        .isThrownBy(callable)
        .matches(e -> e.code() == code, "has code " + code)
        .matches(e -> !e.help().isEmpty(), "has help");
  }

  private static void join(CompletableFuture<?> future) throws Throwable {
    try {
      future.orTimeout(60, SECONDS).join();
    } catch (CompletionException e) {
      throw java.util.Objects.requireNonNull(e.getCause());
    }
  }

  private CompletableFuture<ProvisionResult> provision(int port, List<ProvisionStep> steps) {
    return guests.provision(target(port), steps, List.of(), (number, of, step) -> {});
  }

  private FakeSshServer server(FakeSshServer.Behaviour behaviour) throws IOException {
    return new FakeSshServer(directory.resolve(Guests.HOST_KEY), clientKey(), behaviour);
  }

  private String clientKey() throws IOException {
    return Files.readString(directory.resolve(Guests.CLIENT_KEY + ".pub"));
  }

  private OpenSshKeyPair hostKey() throws IOException {
    return OpenSshKeyPair.parse(Files.readString(directory.resolve(Guests.HOST_KEY)), "")
        .orElseThrow();
  }

  private SshTarget target(int port) {
    return target(port, Duration.ofSeconds(20));
  }

  private SshTarget target(int port, Duration deadline) {
    return target(port, deadline, null);
  }

  private SshTarget target(
      int port, Duration deadline, @org.jspecify.annotations.Nullable Path key) {
    return new SshTarget(
        new VmName("web"), "127.0.0.1", port, "vm", directory, key, false, deadline);
  }

  private SshTarget trustingTarget(int port) {
    return new SshTarget(
        new VmName("web"), "127.0.0.1", port, "vm", directory, null, true, Duration.ofSeconds(20));
  }
}
