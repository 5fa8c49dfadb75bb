package dev.vmctl.guest;

import static java.util.concurrent.TimeUnit.SECONDS;
import static org.assertj.core.api.Assertions.assertThat;
import static org.awaitility.Awaitility.await;

import dev.vmctl.faults.Area;
import dev.vmctl.faults.Fault;
import dev.vmctl.faults.Seen;
import dev.vmctl.guest.ProvisionResult.Succeeded;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.SecureRandom;
import java.time.Duration;
import java.util.concurrent.CompletableFuture;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.junit.jupiter.api.Test;

/** Whom a login takes for the guest, and with which keys it tries. */
class SshLoginTest extends SshGuestsFixture {
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
  void nobodyListeningIsSaidAfterTheDeadline() throws Exception {
    int port;
    try (FakeSshServer server = server(command -> command.exit(0))) {
      port = server.port();
    }
    assertFails(() -> guests.connect(target(port, Duration.ofMillis(700))), ErrorCode.SSH_FAILED)
        .withMessageContaining("127.0.0.1:" + port);
  }
}
