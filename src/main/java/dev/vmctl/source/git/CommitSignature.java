package dev.vmctl.source.git;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.eclipse.jgit.lib.GpgConfig;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.lib.SignatureVerifier.SignatureVerification;
import org.eclipse.jgit.lib.SignatureVerifier.TrustLevel;
import org.eclipse.jgit.lib.SignatureVerifiers;
import org.eclipse.jgit.lib.StoredConfig;
import org.eclipse.jgit.revwalk.RevCommit;
import org.eclipse.jgit.revwalk.RevWalk;

/**
 * Whether a commit is signed by somebody on a list. SSH signatures only: for OpenPGP, JGit looks
 * into a keyring of the user, of which nobody here could say who is in it.
 */
final class CommitSignature {
  private CommitSignature() {}

  /**
   * What is wrong with the signature; empty when nothing is.
   *
   * @param signers as OpenSSH's {@code allowed_signers}
   */
  static Optional<String> problem(Repository repository, ObjectId id, Path signers)
      throws IOException {
    if (!Files.isReadable(signers)) {
      return Optional.of("the file of its signers cannot be read: " + signers);
    }
    try (RevWalk walk = new RevWalk(repository)) {
      RevCommit commit = walk.parseCommit(id);
      byte[] signature = commit.getRawGpgSignature();
      if (signature == null) {
        return Optional.of("it is not signed");
      }
      if (SignatureVerifiers.getFormat(signature) != GpgConfig.GpgFormat.SSH) {
        return Optional.of(
            "it is not signed with an SSH key, which is all that can be checked here");
      }
      StoredConfig config = repository.getConfig();
      config.setString("gpg", "ssh", "allowedSignersFile", signers.toString());
      SignatureVerification found =
          SignatureVerifiers.verify(repository, new GpgConfig(config), commit);
      boolean trusted =
          found != null
              && found.verified()
              && !found.expired()
              && (found.trustLevel() == TrustLevel.FULL
                  || found.trustLevel() == TrustLevel.ULTIMATE);
      return trusted
          ? Optional.empty()
          : Optional.of(
              "it is signed by nobody in "
                  + signers
                  + (found == null || found.message() == null ? "" : " (" + found.message() + ")"));
    }
  }
}
