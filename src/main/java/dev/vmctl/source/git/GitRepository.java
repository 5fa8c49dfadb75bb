package dev.vmctl.source.git;

import dev.vmctl.model.RepositoryPlace;
import dev.vmctl.model.SourceId;
import dev.vmctl.vmfile.Allowance;
import java.nio.charset.StandardCharsets;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.security.NoSuchAlgorithmException;
import java.time.Duration;
import java.util.EnumSet;
import java.util.HexFormat;
import java.util.List;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import org.eclipse.jgit.lib.Repository;
import org.jspecify.annotations.Nullable;

/**
 * A repository to follow.
 *
 * @param name what people call it; unlike the others'
 * @param url without credentials, see {@link GitUrl}
 * @param branch empty for the repository's own default
 * @param path of the directory with the VMFiles; empty for the top
 * @param interval between two looks, {@link #SHORTEST} to {@link #LONGEST}
 * @param allowed what its VMFiles may ask of this host
 * @param maxBytes the most that is fetched, and the most that its files may take, in bytes
 * @param signers files of the keys of which one must have signed a commit, each as OpenSSH's {@code
 *     allowed_signers} or OpenPGP public keys; none when commits need no signature
 * @param webhookSecret file of the secret of its webhook; null for no webhook
 */
public record GitRepository(
    String name,
    String url,
    String branch,
    String path,
    Duration interval,
    GitAuth auth,
    Set<Allowance> allowed,
    long maxBytes,
    List<Path> signers,
    @Nullable Path webhookSecret) {
  public static final Duration SHORTEST = Duration.ofSeconds(1);
  public static final Duration LONGEST = Duration.ofDays(1);
  public static final Duration DEFAULT_INTERVAL = Duration.ofSeconds(60);
  public static final long DEFAULT_MAX_BYTES = 256L << 20;

  public GitRepository {
    Objects.requireNonNull(auth);
    Set<Allowance> copy = EnumSet.noneOf(Allowance.class);
    copy.addAll(allowed);
    allowed = copy;
    signers = List.copyOf(signers);
    Optional<String> problem =
        nameProblem(name)
            .or(() -> GitUrl.problem(url))
            .or(() -> branchProblem(branch))
            .or(() -> pathProblem(path));
    if (problem.isPresent()) {
      throw new IllegalArgumentException(problem.get());
    }
    if (interval.compareTo(SHORTEST) < 0 || interval.compareTo(LONGEST) > 0 || maxBytes < 1) {
      throw new IllegalArgumentException("interval " + interval + ", at most " + maxBytes);
    }
  }

  /** A repository with the usual settings. */
  public static GitRepository of(String name, String url, String branch, String path) {
    return new GitRepository(
        name,
        url,
        branch,
        path,
        DEFAULT_INTERVAL,
        GitAuth.none(),
        Set.of(),
        DEFAULT_MAX_BYTES,
        List.of(),
        null);
  }

  /** URL, branch and path. */
  public SourceId id() {
    return new RepositoryPlace(url, branch, path).id();
  }

  /** A name for the directory of what is kept of a repository. */
  public static String digest(SourceId repository) {
    try {
      byte[] digest =
          MessageDigest.getInstance("SHA-256")
              .digest(repository.location().getBytes(StandardCharsets.UTF_8));
      return HexFormat.of().formatHex(digest, 0, 8);
    } catch (NoSuchAlgorithmException e) {
      throw new IllegalStateException("every JDK has SHA-256", e);
    }
  }

  /** What is wrong with a name; empty when nothing is. */
  public static Optional<String> nameProblem(String name) {
    return name.matches("[A-Za-z0-9]([A-Za-z0-9._-]{0,61}[A-Za-z0-9])?")
        ? Optional.empty()
        : Optional.of("a name has 1 to 63 letters, digits, dots, hyphens and underscores");
  }

  /** What is wrong with a branch; empty when nothing is. */
  public static Optional<String> branchProblem(String branch) {
    return branch.isEmpty() || Repository.isValidRefName("refs/heads/" + branch)
        ? Optional.empty()
        : Optional.of("'" + branch + "' cannot be the name of a branch");
  }

  /** What is wrong with the path of a directory in a repository; empty when nothing is. */
  public static Optional<String> pathProblem(String path) {
    return path.isEmpty()
            || path.matches("(?!\\.{1,2}(/|$))[^/\\x00]+(/(?!\\.{1,2}(/|$))[^/\\x00]+)*")
        ? Optional.empty()
        : Optional.of("'" + path + "' does not lead to a directory in the repository");
  }
}
