package dev.vmctl.guest;

import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.GeneralSecurityException;
import java.security.KeyPair;
import java.util.ArrayList;
import java.util.Collections;
import java.util.Iterator;
import java.util.List;
import org.apache.sshd.common.util.io.resource.PathResource;
import org.apache.sshd.common.util.security.SecurityUtils;
import org.jspecify.annotations.Nullable;

/** Which private keys are tried for a VM, and what came of reading them. */
final class PrivateKeys {
  private static final List<String> OWN = List.of("id_ed25519", "id_ecdsa", "id_rsa");

  private final Path home;

  /**
   * @param home the user's home directory, whose {@code .ssh} has keys to try last
   */
  PrivateKeys(Path home) {
    this.home = home;
  }

  /** A key file; either its pair or why it cannot be used. */
  record Candidate(Path file, @Nullable KeyPair pair, @Nullable String problem) {}

  /** The files to try, in order: generated and own ones if they exist, the declared one always. */
  List<Path> files(SshTarget target) {
    List<Path> files = new ArrayList<>();
    addExisting(files, target.vmDirectory().resolve(Guests.CLIENT_KEY));
    Path declared = target.privateKey();
    if (declared != null) {
      files.add(declared);
    }
    for (String name : OWN) {
      addExisting(files, home.resolve(".ssh").resolve(name));
    }
    return files.stream().distinct().toList();
  }

  List<Candidate> candidates(SshTarget target) {
    return files(target).stream().map(PrivateKeys::load).toList();
  }

  private static void addExisting(List<Path> files, Path file) {
    if (Files.exists(file)) {
      files.add(file);
    }
  }

  private static Candidate load(Path file) {
    if (!Files.exists(file)) {
      return new Candidate(file, null, "does not exist");
    }
    try (InputStream in = Files.newInputStream(file)) {
      Iterable<KeyPair> pairs =
          SecurityUtils.loadKeyPairIdentities(
              null, new PathResource(file), in, (session, resource, retry) -> encrypted());
      // The library answers null for a file in which it finds no key at all.
      Iterator<KeyPair> found = pairs == null ? Collections.emptyIterator() : pairs.iterator();
      return found.hasNext()
          ? new Candidate(file, found.next(), null)
          : new Candidate(file, null, "is not a private key");
    } catch (EncryptedKeyException e) {
      return new Candidate(file, null, "is protected by a passphrase, which vmctl cannot ask for");
    } catch (IOException | GeneralSecurityException | IllegalArgumentException e) {
      return new Candidate(file, null, "cannot be read (" + e.getMessage() + ")");
    }
  }

  private static String encrypted() throws EncryptedKeyException {
    throw new EncryptedKeyException();
  }

  private static final class EncryptedKeyException extends IOException {
    private static final long serialVersionUID = 1L;
  }
}
