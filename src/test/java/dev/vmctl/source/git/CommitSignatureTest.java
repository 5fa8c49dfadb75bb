package dev.vmctl.source.git;

import static org.assertj.core.api.Assertions.assertThat;

import java.io.IOException;
import java.io.UncheckedIOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.attribute.PosixFilePermissions;
import java.time.Duration;
import java.time.Instant;
import java.util.ArrayList;
import java.util.List;
import java.util.Objects;
import org.eclipse.jgit.internal.storage.file.FileRepository;
import org.eclipse.jgit.lib.ObjectId;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.AfterEach;
import org.junit.jupiter.api.BeforeEach;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Commits signed by the real git, ssh-keygen and gpg. */
class CommitSignatureTest {
  private static final String ANN = "Ann <ann@example.org>";
  private static final String BOB = "Bob <bob@example.org>";

  @TempDir Path directory = Path.of("/nonexistent");
  private @Nullable GitWork made;

  @BeforeEach
  void make() throws IOException {
    made = GitWork.in(directory).write("web.kdl", "");
    Files.createDirectory(
        directory.resolve("gpg"),
        PosixFilePermissions.asFileAttribute(PosixFilePermissions.fromString("rwx------")));
  }

  @AfterEach
  void end() {
    run("gpgconf", "--homedir", directory.resolve("gpg").toString(), "--kill", "all");
  }

  @Test
  void anSshKeyOfTheListIsTakenAndNoOther() throws IOException {
    Path signers = directory.resolve("allowed_signers");
    Files.writeString(signers, "ann@example.org " + Files.readString(sshKey("ann")));
    sign("ssh", directory.resolve("ann").toString());
    assertThat(problem(signers)).isEmpty();
    sshKey("bob");
    sign("ssh", directory.resolve("bob").toString());
    assertThat(problem(signers)).startsWith("it is signed by nobody in " + signers);
    Files.writeString(
        signers,
        "ann@example.org valid-before=\"20200101\" "
            + Files.readString(Path.of(directory.resolve("ann") + ".pub")));
    sign("ssh", directory.resolve("ann").toString());
    assertThat(problem(signers)).startsWith("it is signed by nobody in " + signers);
  }

  @Test
  void anOpenPgpKeyOfTheKeyringIsTakenAndNoOther() throws IOException {
    Path armoured = openPgpKey(ANN, "never", true);
    sign("openpgp", ANN);
    assertThat(problem(armoured)).isEmpty();
    Path binary = Files.write(directory.resolve("ring.gpg"), exported("--export", ANN));
    assertThat(problem(binary)).isEmpty();
    openPgpKey(BOB, "never", true);
    sign("openpgp", BOB);
    assertThat(problem(armoured)).startsWith("it is signed by nobody in " + armoured);
    assertThat(problem(armoured, Path.of(directory + "/" + BOB + ".asc"))).isEmpty();
  }

  @Test
  void anOpenPgpKeyThatHasExpiredOrWasRevokedIsNotTaken() throws IOException {
    Path keys = openPgpKey(ANN, "1d", true);
    sign("openpgp", ANN);
    assertThat(problem(Instant.now(), keys)).isEmpty();
    assertThat(problem(Instant.now().plus(Duration.ofDays(2)), keys))
        .startsWith("it is signed by nobody in " + keys);
    Path certificate;
    try (var files = Files.list(directory.resolve("gpg/openpgp-revocs.d"))) {
      certificate = files.findFirst().orElseThrow();
    }
    // It is made unusable by a colon, so that nobody imports it by mistake.
    Files.writeString(
        certificate, Files.readString(certificate).replace(":-----BEGIN", "-----BEGIN"));
    gpg("--import", certificate.toString());
    Files.write(keys, exported("--armor", "--export", ANN));
    assertThat(problem(keys)).startsWith("it is signed by nobody in " + keys);
  }

  @Test
  void aKeyThatMayNotSignIsNotTakenForASigner() throws IOException {
    Path keys = openPgpKey(ANN, "never", false);
    assertThat(new String(exported("--list-keys", ANN), StandardCharsets.UTF_8))
        .doesNotContain("[SC");
    gpg("--quick-add-key", fingerprint(ANN), "ed25519", "sign", "never");
    Path withSubkey =
        Files.write(directory.resolve("sub.asc"), exported("--armor", "--export", ANN));
    sign("openpgp", ANN);
    assertThat(problem(withSubkey)).isEmpty();
    // The list of before the subkey was made.
    assertThat(problem(keys)).startsWith("it is signed by nobody in " + keys);
  }

  @Test
  void aChangedCommitHasNoSignatureAnyMore() throws IOException {
    Path keys = openPgpKey(ANN, "never", true);
    sign("openpgp", ANN);
    String signed = work().git("cat-file", "commit", "HEAD");
    Path forged =
        Files.writeString(
            directory.resolve("forged"), signed.replace("a change", "another change"));
    String commit = work().git("hash-object", "-t", "commit", "-w", forged.toString()).strip();
    work().git("push", "-q", "--force", "origin", commit + ":refs/heads/main");
    assertThat(problem(ObjectId.fromString(commit), Instant.now(), keys))
        .startsWith("it is signed by nobody in " + keys);
  }

  @Test
  void aKindOfSignatureThatNoFileIsForIsRefused() throws IOException {
    Path keys = openPgpKey(ANN, "never", true);
    Files.writeString(directory.resolve("s"), "ann@example.org " + Files.readString(sshKey("ann")));
    sign("openpgp", ANN);
    assertThat(problem(directory.resolve("s")))
        .isEqualTo("it is signed with OpenPGP, of which require-signed names no keys");
    sign("ssh", directory.resolve("ann").toString());
    assertThat(problem(keys))
        .isEqualTo("it is signed with SSH, of which require-signed names no keys");
    assertThat(problem(keys, directory.resolve("s"))).isEmpty();
    assertThat(problem(directory.resolve("none")))
        .isEqualTo("the file of its signers cannot be read: " + directory.resolve("none"));
    work().push();
    assertThat(problem(keys)).isEqualTo("it is not signed");
  }

  private GitWork work() {
    return Objects.requireNonNull(made);
  }

  private void sign(String format, String key) {
    work().git("config", "gpg.format", format);
    work().git("config", "gpg.program", gpgProgram().toString());
    work().git("config", "user.signingkey", key);
    work().commit("-S");
    work().git("push", "-q", "--force", "origin", "HEAD:main");
  }

  private String problem(Path... signers) throws IOException {
    return problem(Instant.now(), signers);
  }

  private String problem(Instant now, Path... signers) throws IOException {
    return problem(ObjectId.fromString(work().head()), now, signers);
  }

  private String problem(ObjectId commit, Instant now, Path... signers) throws IOException {
    PlainSystemReader.install();
    try (FileRepository bare = new FileRepository(work().bare().toFile())) {
      return CommitSignature.problem(bare, commit, List.of(signers), now).orElse("");
    }
  }

  /** Returns the file of its public half. */
  private Path sshKey(String name) {
    Path file = directory.resolve(name);
    run("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file.toString());
    return Path.of(file + ".pub");
  }

  /** Returns the file of its public half, armoured. */
  private Path openPgpKey(String who, String expires, boolean signs) throws IOException {
    gpg("--quick-generate-key", who, "ed25519", signs ? "sign" : "cert", expires);
    return Files.write(directory.resolve(who + ".asc"), exported("--armor", "--export", who));
  }

  private String fingerprint(String who) {
    return new String(exported("--with-colons", "--list-keys", who), StandardCharsets.UTF_8)
        .lines()
        .filter(line -> line.startsWith("fpr:"))
        .findFirst()
        .orElseThrow()
        .split(":")[9];
  }

  private Path gpgProgram() {
    Path script = directory.resolve("gpg.sh");
    try {
      if (!Files.exists(script)) {
        Files.writeString(
            script,
            "#!/bin/sh\nexec gpg --homedir '" + directory.resolve("gpg") + "' --batch \"$@\"\n");
        script.toFile().setExecutable(true);
      }
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
    return script;
  }

  private void gpg(String... arguments) {
    exported(arguments);
  }

  private byte[] exported(String... arguments) {
    List<String> command =
        new ArrayList<>(
            List.of(
                "gpg",
                "--homedir",
                directory.resolve("gpg").toString(),
                "--batch",
                "--quiet",
                "--passphrase",
                ""));
    command.addAll(List.of(arguments));
    return run(command.toArray(String[]::new));
  }

  private byte[] run(String... command) {
    try {
      Process process =
          new ProcessBuilder(command).redirectError(directory.resolve("errors").toFile()).start();
      byte[] said = process.getInputStream().readAllBytes();
      assertThat(process.waitFor())
          .as(() -> List.of(command) + ": " + read(directory.resolve("errors")))
          .isZero();
      return said;
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    } catch (InterruptedException e) {
      throw new AssertionError(e);
    }
  }

  private static String read(Path file) {
    try {
      return Files.readString(file);
    } catch (IOException e) {
      throw new UncheckedIOException(e);
    }
  }
}
