package dev.vmctl.source.git;

import java.nio.file.Path;
import java.util.Objects;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * How a repository is logged in to. Secrets stay in their files, which are read at each fetch.
 *
 * @param tokenFile of a token for http(s), on its first line; null for none
 * @param sshKey private key for ssh; null for the user's own
 * @param knownHosts host keys that are trusted; null for the user's own
 * @param user name beside the token; most servers look at the token only
 */
public record GitAuth(
    @Nullable Path tokenFile, @Nullable Path sshKey, @Nullable Path knownHosts, String user) {
  public static final String DEFAULT_USER = "git";

  public GitAuth {
    Objects.requireNonNull(user);
  }

  /** What keeps it from being sent to a URL; empty when nothing does. */
  public Optional<String> problem(String url) {
    if (tokenFile != null && !GitUrl.isHttp(url)) {
      return Optional.of("a token is for http(s) URLs; for ssh there is a key");
    }
    return tokenFile != null && GitUrl.isOpen(url)
        ? Optional.of("the token would cross the network in the clear: follow the https URL")
        : Optional.empty();
  }

  /** Nothing but what the user has. */
  public static GitAuth none() {
    return new GitAuth(null, null, null, DEFAULT_USER);
  }
}
