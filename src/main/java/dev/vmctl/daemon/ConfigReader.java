package dev.vmctl.daemon;

import dev.vmctl.kdl.KdlNode;
import dev.vmctl.kdl.KdlParse;
import dev.vmctl.kdl.KdlReader;
import dev.vmctl.model.Diagnostic;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import dev.vmctl.source.git.GitRepository;
import java.io.IOException;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.HashMap;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Set;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/** Reads a {@code vmctl.kdl}. A file with a mistake is not used in part. */
final class ConfigReader {
  private static final Set<String> NODES =
      Set.of(
          "watch",
          "git",
          "data-dir",
          "listen",
          "resync",
          "log",
          "apply",
          "parallel",
          "overcommit",
          "event-webhook",
          "event-webhook-secret-file",
          "event-exec",
          "event-type",
          "traces",
          "api");

  private final Path file;
  private final ConfigNodes nodes;
  private final GitNodes gits;
  private final Map<String, String> places = new HashMap<>();

  private ConfigReader(Path file, Path home) {
    this.file = file;
    this.nodes = new ConfigNodes(file, home);
    this.gits = new GitNodes(nodes);
  }

  /**
   * @param home what a leading {@code ~} stands for
   * @throws VmException config.invalid, its message naming each place
   */
  static DaemonConfig read(Path file, Path home) {
    return new ConfigReader(file.toAbsolutePath(), home).read();
  }

  private DaemonConfig read() {
    KdlParse parse = KdlReader.parse(bytes(), file.toString());
    parse.problems().forEach(nodes::problem);
    DaemonConfig config = parse.isValid() ? config(parse.document().nodes()) : DaemonConfig.NONE;
    if (!nodes.found().isEmpty()) {
      throw new VmException(
          ErrorCode.CONFIG_INVALID,
          nodes.found().stream().map(ConfigReader::line).collect(Collectors.joining("\n  ")),
          "mend the file; 'vmctl daemon --show-config' shows what holds");
    }
    return config;
  }

  private static String line(Diagnostic found) {
    return found.place()
        + ": "
        + found.message()
        + (found.help().isEmpty() ? "" : " (" + found.help() + ")");
  }

  private byte[] bytes() {
    try {
      return Files.readAllBytes(file);
    } catch (NoSuchFileException e) {
      throw new VmException(
          ErrorCode.CONFIG_INVALID, "there is no " + file, "check the path after --config", e);
    } catch (IOException e) {
      throw new VmException(
          ErrorCode.CONFIG_INVALID,
          file + " cannot be read: " + e.getMessage(),
          "check its permissions",
          e);
    }
  }

  private DaemonConfig config(List<KdlNode> document) {
    Map<String, List<KdlNode>> known =
        nodes.known(document, "vmctl.kdl", NODES, Set.of("watch", "git"));
    List<Path> watch = new ArrayList<>();
    for (KdlNode node : known.getOrDefault("watch", List.of())) {
      Path path = nodes.path(node, "watch \"/srv/vms\"");
      if (path != null) {
        watch.add(path);
        places.put(path.toString(), place(node));
      }
    }
    KdlNode data = first(known, "data-dir");
    KdlNode listen = first(known, "listen");
    KdlNode resync = first(known, "resync");
    KdlNode log = first(known, "log");
    KdlNode apply = first(known, "apply");
    KdlNode parallel = first(known, "parallel");
    KdlNode overcommit = first(known, "overcommit");
    KdlNode webhook = first(known, "event-webhook");
    KdlNode secret = first(known, "event-webhook-secret-file");
    KdlNode exec = first(known, "event-exec");
    KdlNode type = first(known, "event-type");
    KdlNode traces = first(known, "traces");
    KdlNode api = first(known, "api");
    return new DaemonConfig(
        watch,
        gits(known.getOrDefault("git", List.of())),
        places,
        data == null ? null : nodes.path(data, "data-dir \"/var/lib/vmctl\""),
        listen == null ? null : nodes.parsed(listen, "listen \"127.0.0.1:9464\"", Listen::parse),
        resync == null
            ? null
            : nodes.time(
                resync,
                DaemonSettings.SHORTEST_RESYNC,
                DaemonSettings.LONGEST_RESYNC,
                "resync \"60s\""),
        log == null ? null : nodes.log(log),
        apply == null ? null : nodes.apply(apply),
        parallel == null ? null : nodes.count(parallel, "parallel 8"),
        overcommit == null ? null : nodes.flag(overcommit, "overcommit #true"),
        webhook == null
            ? null
            : nodes.parsed(
                webhook, "event-webhook \"https://example.org/vmctl\"", EventSettings::url),
        secret == null ? null : nodes.path(secret, "event-webhook-secret-file \"event.secret\""),
        exec == null ? null : nodes.path(exec, "event-exec \"/usr/local/bin/on-event\""),
        type == null ? null : nodes.parsed(type, "event-type \"warning\"", EventSettings::type),
        traces == null
            ? null
            : nodes.parsed(traces, "traces \"http://127.0.0.1:4318\"", EventSettings::url),
        api == null ? null : api(api));
  }

  private @Nullable ApiListen api(KdlNode node) {
    String example = "api \"127.0.0.1:9465\" { token-file \"api.token\" }";
    List<String> texts = nodes.texts(node, example);
    if (texts.size() != 1) {
      return null;
    }
    Map<String, List<KdlNode>> inside =
        nodes.known(node.children(), "api", Set.of("tls-cert", "tls-key", "token-file"), Set.of());
    try {
      return ApiListen.parse(
          texts.getFirst(),
          file(inside, "tls-cert"),
          file(inside, "tls-key"),
          file(inside, "token-file"));
    } catch (IllegalArgumentException e) {
      nodes.problem(node, String.valueOf(e.getMessage()), "write: " + example);
      return null;
    }
  }

  private @Nullable Path file(Map<String, List<KdlNode>> inside, String name) {
    KdlNode node = first(inside, name);
    return node == null ? null : nodes.path(node, name + " \"/etc/vmctl/" + name + "\"");
  }

  private List<GitRepository> gits(List<KdlNode> found) {
    List<GitRepository> repositories = new ArrayList<>();
    for (KdlNode node : found) {
      GitRepository repository = gits.read(node);
      if (repository == null) {
        continue;
      }
      for (GitRepository other : repositories) {
        if (other.name().equals(repository.name()) || other.id().equals(repository.id())) {
          nodes.problem(
              node,
              "'" + repository.name() + "' is followed twice",
              "each repository, branch and path has one name of its own");
        }
      }
      repositories.add(repository);
      places.put(repository.name(), place(node));
    }
    return repositories;
  }

  private String place(KdlNode node) {
    return file + ":" + node.span().line();
  }

  static @Nullable KdlNode first(Map<String, List<KdlNode>> known, String name) {
    List<KdlNode> all = known.getOrDefault(name, List.of());
    return all.isEmpty() ? null : Objects.requireNonNull(all.getFirst());
  }
}
