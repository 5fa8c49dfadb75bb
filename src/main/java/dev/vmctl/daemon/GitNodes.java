package dev.vmctl.daemon;

import dev.vmctl.kdl.KdlNode;
import dev.vmctl.source.git.GitAuth;
import dev.vmctl.source.git.GitRepository;
import dev.vmctl.source.git.GitUrl;
import dev.vmctl.vmfile.Allowance;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Arrays;
import java.util.EnumSet;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.Set;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads the {@code git} nodes of a {@code vmctl.kdl}. */
final class GitNodes {
  private static final String EXAMPLE = "git \"fleet\" { url \"https://example.org/fleet.git\" }";
  private static final Set<String> PARTS =
      Set.of(
          "url",
          "branch",
          "path",
          "interval",
          "max-size",
          "auth",
          "allow",
          "require-signed",
          "webhook-secret-file");

  private final ConfigNodes nodes;

  GitNodes(ConfigNodes nodes) {
    this.nodes = nodes;
  }

  /** The repository; null when something is wrong with it, which is then reported. */
  @Nullable GitRepository read(KdlNode node) {
    int before = nodes.found().size();
    String name = checked(named(node), EXAMPLE, GitRepository::nameProblem);
    Map<String, List<KdlNode>> parts = nodes.known(node.children(), "git", PARTS, Set.of("allow"));
    KdlNode address = ConfigReader.first(parts, "url");
    if (address == null) {
      nodes.problem(node, "a repository needs a url", "write: " + EXAMPLE);
    }
    String url = checked(address, "url \"https://example.org/fleet.git\"", GitUrl::problem);
    String branch =
        checked(
            ConfigReader.first(parts, "branch"), "branch \"main\"", GitRepository::branchProblem);
    String path =
        checked(ConfigReader.first(parts, "path"), "path \"vms\"", GitRepository::pathProblem);
    GitAuth auth = auth(ConfigReader.first(parts, "auth"), url);
    Set<Allowance> allowed = allowed(parts.getOrDefault("allow", List.of()));
    Duration interval = interval(ConfigReader.first(parts, "interval"));
    Long size = size(ConfigReader.first(parts, "max-size"));
    KdlNode signed = ConfigReader.first(parts, "require-signed");
    List<Path> signers =
        signed == null ? List.of() : nodes.paths(signed, "require-signed \"allowed_signers\"");
    Path secret =
        path(
            ConfigReader.first(parts, "webhook-secret-file"),
            "webhook-secret-file \"hook.secret\"");
    return nodes.found().size() > before
        ? null
        : new GitRepository(
            Objects.requireNonNull(name),
            Objects.requireNonNull(url),
            Objects.requireNonNullElse(branch, ""),
            Objects.requireNonNullElse(path, ""),
            Objects.requireNonNull(interval),
            auth,
            allowed,
            Objects.requireNonNull(size),
            signers,
            secret);
  }

  /** The node without its braces: its name is its only value. */
  private static KdlNode named(KdlNode node) {
    return node.withBlock(null);
  }

  private @Nullable String checked(
      @Nullable KdlNode node, String example, Function<String, Optional<String>> problem) {
    return node == null
        ? null
        : nodes.parsed(
            node,
            example,
            text -> {
              problem
                  .apply(text)
                  .ifPresent(
                      why -> {
                        throw new IllegalArgumentException(why);
                      });
              return text;
            });
  }

  private @Nullable Path path(@Nullable KdlNode node, String example) {
    return node == null ? null : nodes.path(node, example);
  }

  private @Nullable Duration interval(@Nullable KdlNode node) {
    return node == null
        ? GitRepository.DEFAULT_INTERVAL
        : nodes.time(node, GitRepository.SHORTEST, GitRepository.LONGEST, "interval \"60s\"");
  }

  private @Nullable Long size(@Nullable KdlNode node) {
    return node == null
        ? Long.valueOf(GitRepository.DEFAULT_MAX_BYTES)
        : nodes.bytes(node, "max-size \"256MiB\"");
  }

  private GitAuth auth(@Nullable KdlNode node, @Nullable String url) {
    if (node == null) {
      return GitAuth.none();
    }
    Map<String, List<KdlNode>> parts =
        nodes.known(
            node.children(),
            "auth",
            Set.of("token-file", "ssh-key", "known-hosts", "user"),
            Set.of());
    KdlNode token = ConfigReader.first(parts, "token-file");
    KdlNode user = ConfigReader.first(parts, "user");
    String name = user == null ? null : nodes.text(user, "user \"git\"");
    GitAuth auth =
        new GitAuth(
            path(token, "token-file \"fleet.token\""),
            path(ConfigReader.first(parts, "ssh-key"), "ssh-key \"deploy_key\""),
            path(ConfigReader.first(parts, "known-hosts"), "known-hosts \"known_hosts\""),
            Objects.requireNonNullElse(name, GitAuth.DEFAULT_USER));
    if (token != null && url != null) {
      auth.problem(url).ifPresent(why -> nodes.problem(token, why, "take another url or key"));
    }
    return auth;
  }

  private Set<Allowance> allowed(List<KdlNode> found) {
    Set<Allowance> allowed = EnumSet.noneOf(Allowance.class);
    for (KdlNode node : found) {
      for (String word : nodes.texts(node, "allow \"shares\" \"bridges\"")) {
        Allowance.of(word)
            .ifPresentOrElse(
                allowed::add,
                () ->
                    nodes.problem(
                        node,
                        "'" + word + "' is nothing that can be allowed",
                        "there are: "
                            + Arrays.stream(Allowance.values())
                                .map(Allowance::text)
                                .collect(Collectors.joining(", "))));
      }
    }
    return allowed;
  }
}
