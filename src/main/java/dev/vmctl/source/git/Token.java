package dev.vmctl.source.git;

import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Objects;
import org.eclipse.jgit.errors.UnsupportedCredentialItem;
import org.eclipse.jgit.transport.CredentialItem;
import org.eclipse.jgit.transport.CredentialsProvider;
import org.eclipse.jgit.transport.URIish;

/** A token from a file, given to the repository's own host only, wherever that redirects to. */
final class Token extends CredentialsProvider {
  private final GitAuth auth;
  private final Path file;
  private final URIish home;

  Token(GitAuth auth, Path file, URIish home) {
    this.auth = auth;
    this.file = file;
    this.home = home;
  }

  @Override
  public boolean isInteractive() {
    return false;
  }

  @Override
  public boolean supports(CredentialItem... items) {
    for (CredentialItem item : items) {
      if (!(item instanceof CredentialItem.Username)
          && !(item instanceof CredentialItem.Password)) {
        return false;
      }
    }
    return true;
  }

  @Override
  public boolean get(URIish uri, CredentialItem... items) {
    boolean same =
        Objects.equals(uri.getHost(), home.getHost())
            && Objects.equals(uri.getScheme(), home.getScheme())
            && uri.getPort() == home.getPort();
    if (!same) {
      return false;
    }
    for (CredentialItem item : items) {
      switch (item) {
        case CredentialItem.Username user -> user.setValue(auth.user());
        case CredentialItem.Password password -> password.setValue(read().toCharArray());
        case CredentialItem other ->
            throw new UnsupportedCredentialItem(uri, "only a user and a token are at hand");
      }
    }
    return true;
  }

  private String read() {
    try {
      return Files.readString(file).lines().findFirst().orElse("").strip();
    } catch (IOException e) {
      throw Failures.of("the token file " + file + " cannot be read", e);
    }
  }
}
