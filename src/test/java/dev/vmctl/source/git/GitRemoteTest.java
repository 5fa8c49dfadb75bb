package dev.vmctl.source.git;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import com.sun.net.httpserver.HttpServer;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.PublicKey;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.Set;
import org.apache.sshd.common.config.keys.AuthorizedKeyEntry;
import org.apache.sshd.common.config.keys.PublicKeyEntry;
import org.apache.sshd.common.config.keys.PublicKeyEntryResolver;
import org.apache.sshd.server.SshServer;
import org.jspecify.annotations.Nullable;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;

/** Repositories that need a login, over ssh and http. */
class GitRemoteTest {
  private static final String TOKEN = "s3cret-token";

  @TempDir Path directory = Path.of("/nonexistent");

  @Test
  void aDeployKeyOpensARepositoryWhoseHostIsKnown() throws Exception {
    GitWork work = GitWork.in(directory);
    String commit = work.write("web.kdl", "").push();
    Path key = key("deploy_key");
    try (SshServer server = GitServers.ssh(directory.resolve("host.key"), publicKey(key))) {
      Path known = directory.resolve("known_hosts");
      String url = "ssh://git@127.0.0.1:" + server.getPort() + work.bare();

      Files.createFile(known);
      assertThatThrownBy(() -> head(url, new GitAuth(null, key, known, "git")))
          .isInstanceOf(VmException.class)
          .hasMessageContaining("is not in " + known);

      Files.writeString(known, knownHost(server, server.getKeyPairProvider()));
      GitAuth auth = new GitAuth(null, key, known, "git");
      assertThat(head(url, auth)).isEqualTo(commit);
      assertThat(fetched(url, auth)).isEqualTo(commit);

      Path stranger = key("stranger");
      assertThatThrownBy(() -> head(url, new GitAuth(null, stranger, known, "git")))
          .isInstanceOf(VmException.class)
          .hasMessageContaining(url + " cannot be fetched");

      Files.writeString(
          known, "[127.0.0.1]:" + server.getPort() + " " + Files.readString(Path.of(key + ".pub")));
      assertThatThrownBy(() -> head(url, auth))
          .isInstanceOf(VmException.class)
          .hasMessageContaining("is another than in " + known);
    }
  }

  @Test
  void aTokenOpensARepositoryAndIsNeverShown() throws Exception {
    GitWork work = GitWork.in(directory);
    String commit = work.write("web.kdl", "").push();
    HttpServer server = GitServers.http(directory, TOKEN);
    try {
      String url = "http://127.0.0.1:" + server.getAddress().getPort() + "/fleet.git";
      Path file = Files.writeString(directory.resolve("token"), TOKEN + "\n");
      GitAuth auth = new GitAuth(file, null, null, "git");
      assertThat(head(url, auth)).isEqualTo(commit);
      assertThat(fetched(url, auth)).isEqualTo(commit);

      Files.writeString(file, "wr0ng-token\n");
      assertThatThrownBy(() -> head(url, auth))
          .isInstanceOf(VmException.class)
          .hasMessageContaining("not authorized")
          .hasMessageNotContaining("wr0ng-token");
      assertThatThrownBy(() -> head(url, GitAuth.none()))
          .isInstanceOf(VmException.class)
          .hasMessageContaining(url);
      Files.delete(file);
      assertThatThrownBy(() -> head(url, auth))
          .isInstanceOf(VmException.class)
          .hasMessageContaining("the token file " + file + " cannot be read");
    } finally {
      server.stop(0);
    }
  }

  @Test
  void aPortWhereNobodyListensSaysSo() {
    assertThatThrownBy(() -> head("http://127.0.0.1:1/fleet.git", GitAuth.none()))
        .isInstanceOf(VmException.class)
        .hasMessageContaining("http://127.0.0.1:1/fleet.git cannot be fetched")
        .hasMessageContaining("refused");
  }

  private static String knownHost(
      SshServer server, org.apache.sshd.common.keyprovider.KeyPairProvider keys) throws Exception {
    PublicKey key = keys.loadKeys(null).iterator().next().getPublic();
    return "[127.0.0.1]:" + server.getPort() + " " + PublicKeyEntry.toString(key) + "\n";
  }

  private String head(String url, GitAuth auth) {
    try (GitRemote remote = remote(url, auth)) {
      return remote.head().name();
    }
  }

  private String fetched(String url, GitAuth auth) {
    try (GitRemote remote = remote(url, auth)) {
      return remote.fetch((local, commit) -> commit.name());
    }
  }

  private GitRemote remote(String url, GitAuth auth) {
    GitRepository settings =
        new GitRepository(
            "fleet",
            url,
            "main",
            "",
            Duration.ofSeconds(60),
            auth,
            Set.of(),
            1 << 20,
            List.of(),
            null);
    return new GitRemote(settings, directory.resolve("local"), directory.resolve("home"));
  }

  private Path key(String name) throws IOException, InterruptedException {
    Path file = directory.resolve(name);
    new ProcessBuilder("ssh-keygen", "-q", "-t", "ed25519", "-N", "", "-f", file.toString())
        .start()
        .waitFor();
    return file;
  }

  private static PublicKey publicKey(Path key) throws Exception {
    @Nullable PublicKey found =
        AuthorizedKeyEntry.parseAuthorizedKeyEntry(Files.readString(Path.of(key + ".pub")))
            .resolvePublicKey(null, PublicKeyEntryResolver.FAILING);
    return Objects.requireNonNull(found);
  }
}
