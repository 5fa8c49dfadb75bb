package dev.vmctl.model;

import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * A source to follow that no configuration names: somebody has added it by a command. It may ask
 * nothing of the host: only a configuration can allow that.
 *
 * @param name what people call it; of a directory its path
 * @param directory of VMFiles, absolute; null for a repository
 * @param repository null for a directory
 */
public record AddedSource(String name, @Nullable Path directory, @Nullable Repository repository) {

  /**
   * A branch of a Git repository. All files are absolute; what is null is as if a configuration did
   * not say it.
   *
   * @param url without credentials
   * @param branch empty for the repository's own default
   * @param path of the directory with the VMFiles; empty for the top
   * @param intervalSeconds between two looks
   * @param tokenFile of a token for http(s)
   * @param user name beside the token
   * @param sshKey private key for ssh
   * @param knownHosts host keys that are trusted
   * @param signers files of the keys of which one must have signed a commit; none for no signature
   * @param webhookSecretFile of the secret of its webhook
   */
  public record Repository(
      String url,
      String branch,
      String path,
      @Nullable Long intervalSeconds,
      @Nullable Path tokenFile,
      @Nullable String user,
      @Nullable Path sshKey,
      @Nullable Path knownHosts,
      List<Path> signers,
      @Nullable Path webhookSecretFile) {
    public Repository {
      Objects.requireNonNull(url);
      Objects.requireNonNull(branch);
      Objects.requireNonNull(path);
      signers = List.copyOf(signers);
    }
  }

  /** By which its VMs know it. */
  public SourceId id() {
    return repository == null
        ? SourceId.directory(Objects.requireNonNull(directory))
        : new RepositoryPlace(repository.url, repository.branch, repository.path).id();
  }

  public AddedSource {
    Objects.requireNonNull(name);
    if ((directory == null) == (repository == null)) {
      throw new VmException(
          ErrorCode.USAGE, "a source is either a directory or a repository: " + name, "name one");
    }
    if (directory != null && !directory.isAbsolute()) {
      throw new VmException(
          ErrorCode.USAGE, directory + " is not absolute", "name it from the root on");
    }
  }

  public static AddedSource of(Path directory) {
    return new AddedSource(directory.toString(), directory, null);
  }
}
