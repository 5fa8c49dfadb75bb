package dev.vmctl.source.git;

import java.io.ByteArrayInputStream;
import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Instant;
import java.util.ArrayList;
import java.util.Date;
import java.util.List;
import java.util.Optional;
import org.bouncycastle.openpgp.PGPSignatureException;
import org.bouncycastle.openpgp.api.OpenPGPCertificate;
import org.bouncycastle.openpgp.api.OpenPGPCertificate.OpenPGPComponentKey;
import org.bouncycastle.openpgp.api.OpenPGPDetachedSignatureProcessor;
import org.bouncycastle.openpgp.api.OpenPGPKeyReader;
import org.bouncycastle.openpgp.api.OpenPGPSignature.OpenPGPDocumentSignature;
import org.eclipse.jgit.lib.GpgConfig;
import org.eclipse.jgit.lib.GpgConfig.GpgFormat;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.lib.SignatureVerifier.SignatureVerification;
import org.eclipse.jgit.lib.SignatureVerifier.TrustLevel;
import org.eclipse.jgit.lib.SignatureVerifiers;
import org.eclipse.jgit.lib.StoredConfig;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevWalk;
import org.eclipse.jgit.util.RawParseUtils;
import org.jspecify.annotations.Nullable;

/**
 * Whether a commit is signed by somebody on a list. No keyring of the user is looked into: of that
 * nobody here could say who is in it.
 */
final class CommitSignature {
  private static final String HEADER = "gpgsig";

  private final Repository repository;
  private final RevCommit commit;
  private final byte[] signature;
  private final Instant now;

  private CommitSignature(Repository repository, RevCommit commit, byte[] signature, Instant now) {
    this.repository = repository;
    this.now = now;
    this.commit = commit;
    this.signature = signature;
  }

  /**
   * What is wrong with the signature; empty when nothing is.
   *
   * @param signers files of those who may sign: OpenSSH's {@code allowed_signers}, or OpenPGP
   *     public keys; one of them is enough
   */
  static Optional<String> problem(
      Repository repository, ObjectId id, List<Path> signers, Instant now) throws IOException {
    for (Path file : signers) {
      if (!Files.isReadable(file)) {
        return Optional.of("the file of its signers cannot be read: " + file);
      }
    }
    try (RevWalk walk = new RevWalk(repository)) {
      RevCommit commit = walk.parseCommit(id);
      byte[] signature = commit.getRawGpgSignature();
      return signature == null
          ? Optional.of("it is not signed")
          : new CommitSignature(repository, commit, signature, now).problem(signers);
    }
  }

  private Optional<String> problem(List<Path> signers) throws IOException {
    GpgFormat format = SignatureVerifiers.getFormat(signature);
    List<String> problems = new ArrayList<>();
    for (Path file : signers) {
      boolean keyring = isKeyring(file);
      Optional<String> problem;
      if (format == GpgFormat.SSH && !keyring) {
        problem = sshProblem(file);
      } else if (format == GpgFormat.OPENPGP && keyring) {
        problem = openPgpProblem(file);
      } else {
        continue;
      }
      if (problem.isEmpty()) {
        return problem;
      }
      problems.add(problem.get());
    }
    return Optional.of(
        problems.isEmpty()
            ? "it is signed with "
                + (format == null
                    ? "something unknown"
                    : format.name().replace("OPENPGP", "OpenPGP"))
                + ", of which require-signed names no keys"
            : String.join("; ", problems));
  }

  /** OpenPGP keys, armoured or not; lists of SSH keys are lines of text without either mark. */
  private static boolean isKeyring(Path file) throws IOException {
    byte[] content = Files.readAllBytes(file);
    boolean binary = content.length > 0 && content[0] < 0;
    return binary
        || new String(content, StandardCharsets.ISO_8859_1).contains("-----BEGIN PGP PUBLIC KEY");
  }

  private Optional<String> sshProblem(Path signers) throws IOException {
    StoredConfig config = repository.getConfig();
    config.setString("gpg", "ssh", "allowedSignersFile", signers.toString());
    SignatureVerification found =
        SignatureVerifiers.verify(repository, new GpgConfig(config), commit);
    boolean trusted =
        found != null
            && found.verified()
            && !found.expired()
            && (found.trustLevel() == TrustLevel.FULL || found.trustLevel() == TrustLevel.ULTIMATE);
    return trusted
        ? Optional.empty()
        : Optional.of(byNobody(signers, found == null ? null : found.message()));
  }

  private Optional<String> openPgpProblem(Path keyring) {
    try {
      return openPgpProblem(keyring, Files.readAllBytes(keyring));
    } catch (IOException | RuntimeException e) {
      // A signature is what whoever pushed made of it: what cannot be understood is none.
      return Optional.of(byNobody(keyring, "it cannot be checked: " + e.getMessage()));
    }
  }

  private Optional<String> openPgpProblem(Path keyring, byte[] keys) throws IOException {
    OpenPGPDetachedSignatureProcessor processor = new OpenPGPDetachedSignatureProcessor();
    for (OpenPGPCertificate each : new OpenPGPKeyReader().parseCertificates(keys)) {
      processor.addVerificationCertificate(each);
    }
    processor.addSignatures(new ByteArrayInputStream(signature));
    String why = null;
    for (OpenPGPDocumentSignature each : processor.process(new ByteArrayInputStream(signed()))) {
      try {
        // Now too: that it was signed before the key expired or was revoked is its own word only.
        if (each.isValid() && each.isValidAt(Date.from(now)) && maySign(each.getIssuer())) {
          return Optional.empty();
        }
        why = "its key may not sign";
      } catch (PGPSignatureException e) {
        why = e.getMessage();
      }
    }
    return Optional.of(byNobody(keyring, why));
  }

  private boolean maySign(@Nullable OpenPGPComponentKey key) {
    return key != null
        && key.isSigningKey(Date.from(now))
        && isAlive(key)
        && isAlive(key.getCertificate().getPrimaryKey());
  }

  private boolean isAlive(OpenPGPComponentKey key) {
    Date end = key.getKeyExpirationDateAt(Date.from(now));
    return end == null || end.toInstant().isAfter(now);
  }

  private static String byNobody(Path signers, @Nullable String why) {
    return "it is signed by nobody in " + signers + (why == null ? "" : " (" + why + ")");
  }

  /** The commit without its signature. */
  private byte[] signed() {
    byte[] raw = commit.getRawBuffer();
    byte[] header = HEADER.getBytes(StandardCharsets.US_ASCII);
    int start = RawParseUtils.headerStart(header, raw, 0) - header.length - 1;
    int end = RawParseUtils.nextLfSkippingSplitLines(raw, start) + 1;
    ByteArrayOutputStream rest = new ByteArrayOutputStream(raw.length);
    rest.write(raw, 0, start);
    rest.write(raw, end, raw.length - end);
    return rest.toByteArray();
  }
}
