package dev.vmctl.source.git;

import dev.vmctl.host.FileTrees;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.io.UncheckedIOException;
import java.net.URISyntaxException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.eclipse.jgit.api.errors.JGitInternalException;
import org.eclipse.jgit.lib.Constants;
import org.eclipse.jgit.lib.EmptyProgressMonitor;
import org.eclipse.jgit.lib.ObjectId;
import org.eclipse.jgit.lib.Ref;
import org.eclipse.jgit.lib.Repository;
import org.eclipse.jgit.transport.CredentialsProvider;
import org.eclipse.jgit.transport.FetchConnection;
import org.eclipse.jgit.transport.RefSpec;
import org.eclipse.jgit.transport.SshTransport;
import org.eclipse.jgit.transport.TagOpt;
import org.eclipse.jgit.transport.Transport;
import org.eclipse.jgit.transport.URIish;
import org.eclipse.jgit.transport.sshd.SshdSessionFactory;
import org.eclipse.jgit.transport.sshd.SshdSessionFactoryBuilder;

/**
 * The other end. Everything here may wait for the network: a byte for {@link #SILENCE}, all of it
 * for {@link Budget#LONGEST}. Nothing is ever sent but what a fetch needs.
 */
final class GitRemote implements AutoCloseable {
  /** How long the other end may say nothing, seconds. */
  private static final int SILENCE = 30;

  /** Each fetch leaves a pack; after so many the local repository is made afresh. */
  private static final int MOST_PACKS = 24;

  private static final String OURS = "refs/vmctl/wanted";

  private final GitRepository settings;
  private final Path directory;
  private final URIish uri;
  private final HostKeys hostKeys;
  private final SshdSessionFactory ssh;

  /**
   * @param directory of the local repository; made when it is not there, and removed at will
   * @param home of the user, whose SSH keys and known hosts count where none are named
   */
  GitRemote(GitRepository settings, Path directory, Path home) {
    PlainSystemReader.install();
    this.settings = settings;
    this.directory = directory;
    try {
      this.uri = new URIish(settings.url());
    } catch (URISyntaxException e) {
      throw new IllegalArgumentException("checked before: " + settings.url(), e);
    }
    GitAuth auth = settings.auth();
    Path dotSsh = home.resolve(".ssh");
    this.hostKeys =
        new HostKeys(Objects.requireNonNullElse(auth.knownHosts(), dotSsh.resolve("known_hosts")));
    List<Path> keys =
        auth.sshKey() == null
            ? Stream.of("id_ed25519", "id_ecdsa", "id_rsa").map(dotSsh::resolve).toList()
            : List.of(auth.sshKey());
    this.ssh =
        new SshdSessionFactoryBuilder()
            .setHomeDirectory(home.toFile())
            .setSshDirectory(dotSsh.toFile())
            .setPreferredAuthentications("publickey")
            .setConfigStoreFactory((user, config, name) -> null)
            .setDefaultIdentities(where -> keys.stream().filter(Files::exists).toList())
            .setServerKeyDatabase((user, where) -> hostKeys)
            .build(null);
  }

  /** Something to do with an open connection. */
  private interface Work<T> {
    T with(Repository local, Transport transport) throws IOException;
  }

  /** Something to do with a commit and its files. */
  interface Commits<T> {
    T take(Repository local, ObjectId commit) throws IOException;
  }

  /**
   * The commit the branch is at.
   *
   * @throws VmException source.unavailable
   */
  ObjectId head() {
    return connected(
        (local, transport) -> {
          try (FetchConnection connection = transport.openFetch()) {
            Ref ref = connection.getRef(remoteRef());
            ObjectId id = ref == null ? null : ref.getObjectId();
            if (id == null) {
              throw new IOException(
                  settings.branch().isEmpty()
                      ? "it is empty"
                      : "it has no branch '" + settings.branch() + "'");
            }
            return id;
          }
        });
  }

  /**
   * Fetches the commit the branch is at, without its history, and hands it over.
   *
   * @throws VmException source.unavailable
   */
  <T> T fetch(Commits<T> commits) {
    try {
      refreshIfGrown();
      return connected(
          (local, transport) -> {
            transport.fetch(
                new EmptyProgressMonitor() {},
                List.of(new RefSpec("+" + remoteRef() + ":" + OURS)));
            Ref fetched = local.exactRef(OURS);
            ObjectId id = fetched == null ? null : fetched.getObjectId();
            if (id == null) {
              throw new IOException("it gave no commit");
            }
            return commits.take(local, id);
          });
    } catch (VmException e) {
      // Half a pack, or a repository that was damaged: the next try begins with nothing.
      removeLocal();
      throw e;
    }
  }

  private String remoteRef() {
    return settings.branch().isEmpty() ? Constants.HEAD : Constants.R_HEADS + settings.branch();
  }

  private <T> T connected(Work<T> work) {
    String what = settings.url() + " cannot be fetched";
    Budget budget = new Budget(settings.maxBytes(), Budget.LONGEST);
    try (Repository local = BoundedRepository.open(directory, budget);
        Transport transport = Transport.open(local, uri)) {
      transport.setTimeout(SILENCE);
      transport.setTagOpt(TagOpt.NO_TAGS);
      transport.setDepth(1);
      transport.setCredentialsProvider(credentials());
      if (transport instanceof SshTransport overSsh) {
        overSsh.setSshSessionFactory(ssh);
      }
      return work.with(local, transport);
    } catch (IOException | UncheckedIOException | JGitInternalException e) {
      String refusal = hostKeys.refusal();
      throw refusal.isEmpty() ? Failures.of(what, e) : Failures.of(what + ": " + refusal, null);
    }
  }

  private CredentialsProvider credentials() {
    Path token = settings.auth().tokenFile();
    return token == null ? new NoCredentials() : new Token(settings.auth(), token, uri);
  }

  private void refreshIfGrown() {
    Path packs = directory.resolve("objects/pack");
    try (Stream<Path> files = Files.exists(packs) ? Files.list(packs) : Stream.of()) {
      if (files.filter(file -> file.toString().endsWith(".pack")).count() < MOST_PACKS) {
        return;
      }
    } catch (IOException e) {
      throw Failures.of("cannot look at " + packs, e);
    }
    removeLocal();
  }

  private void removeLocal() {
    try {
      FileTrees.delete(directory);
    } catch (IOException e) {
      throw Failures.of("cannot remove " + directory, e);
    }
  }

  @Override
  public void close() {
    ssh.close();
  }
}
