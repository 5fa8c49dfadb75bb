package dev.vmctl.source.git;

import java.net.URISyntaxException;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jgit.transport.URIish;

/** The URLs that repositories are followed at: https, http, ssh, {@code user@host:path}, file. */
public final class GitUrl {
  private static final Set<String> SCHEMES = Set.of("https", "http", "ssh", "file");

  private GitUrl() {}

  /** What is wrong with a URL; empty when nothing is. */
  public static Optional<String> problem(String url) {
    URIish parsed;
    try {
      parsed = new URIish(url);
    } catch (URISyntaxException e) {
      return Optional.of("'" + url + "' is not a URL");
    }
    if (parsed.getPass() != null || (isHttp(parsed) && parsed.getUser() != null)) {
      // Not shown: it would be in every log line.
      return Optional.of("the URL holds a user or a password; they belong into auth");
    }
    String scheme = parsed.getScheme();
    if (scheme == null) {
      return parsed.getHost() != null || url.startsWith("/")
          ? Optional.empty()
          : Optional.of("'" + url + "' is neither a URL nor an absolute path");
    }
    if (!SCHEMES.contains(scheme)) {
      return Optional.of("'" + scheme + "' URLs are not followed: use https, ssh or file");
    }
    boolean placed = scheme.equals("file") || parsed.getHost() != null;
    return placed && parsed.getPath() != null && parsed.getPath().length() > 1
        ? Optional.empty()
        : Optional.of("'" + url + "' names no repository");
  }

  /** Whether it is reached over http or https. */
  public static boolean isHttp(String url) {
    return url.startsWith("http://") || url.startsWith("https://");
  }

  private static boolean isHttp(URIish url) {
    return "http".equals(url.getScheme()) || "https".equals(url.getScheme());
  }

  /** Whether a token sent there could be read on the way. */
  public static boolean isOpen(String url) {
    return url.startsWith("http://")
        && !url.matches("http://(localhost|127\\.[0-9.]+|\\[::1])([:/].*)?");
  }
}
