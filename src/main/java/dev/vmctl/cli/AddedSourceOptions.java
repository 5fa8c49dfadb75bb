package dev.vmctl.cli;

import dev.vmctl.model.AddedSource;
import dev.vmctl.model.RepositoryPlace;
import java.nio.file.Path;
import java.time.Duration;
import java.util.List;
import java.util.Objects;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Model.CommandSpec;
import picocli.CommandLine.Option;
import picocli.CommandLine.ParameterException;
import picocli.CommandLine.Parameters;
import picocli.CommandLine.Spec;

/** What {@code source add} takes. */
final class AddedSourceOptions {
  @Spec(Spec.Target.MIXEE)
  private CommandSpec command = CommandSpec.create();

  @Parameters(
      paramLabel = "DIR|URL[#BRANCH[:PATH]]",
      description = "A directory, or a directory of a branch of a repository.")
  private String location = "";

  @Option(
      names = "--name",
      paramLabel = "NAME",
      description = "Of a repository. Default: the last part of its URL.")
  private @Nullable String name;

  @Option(
      names = "--interval",
      paramLabel = "TIME",
      description = "Look for a new commit this often. Default: 60s.")
  private @Nullable Duration interval;

  @Option(
      names = "--git-token-file",
      paramLabel = "FILE",
      description = "Log in to http(s) with the token in this file of the daemon's host.")
  private @Nullable Path token;

  @Option(names = "--git-user", paramLabel = "NAME", description = "Beside the token.")
  private @Nullable String user;

  @Option(
      names = "--ssh-key",
      paramLabel = "FILE",
      description = "Log in to ssh with this private key.")
  private @Nullable Path sshKey;

  @Option(
      names = "--known-hosts",
      paramLabel = "FILE",
      description = "Trust the host keys in this file. Default: ~/.ssh/known_hosts of the daemon.")
  private @Nullable Path knownHosts;

  @Option(
      names = "--require-signed",
      paramLabel = "FILE",
      description =
          "Take only commits that a key in this file has signed: OpenSSH's allowed_signers or"
              + " OpenPGP keys. May be given several times.")
  private List<Path> signers = List.of();

  @Option(
      names = "--webhook-secret-file",
      paramLabel = "FILE",
      description = "Be woken by webhooks that are signed with the secret in this file.")
  private @Nullable Path secret;

  AddedSource source(Surroundings here) {
    if (RepositoryPlace.isWritten(location)) {
      RepositoryPlace place = RepositoryPlace.parse(location);
      return new AddedSource(
          Objects.requireNonNullElse(name, place.name()), null, repository(place, here));
    }
    boolean says =
        !signers.isEmpty()
            || Stream.of(name, interval, token, user, sshKey, knownHosts, secret)
                .anyMatch(Objects::nonNull);
    if (says) {
      throw new ParameterException(
          command.commandLine(),
          location + " is a directory: these options are for repositories (file:///srv/fleet.git)");
    }
    return AddedSource.of(here.resolve(Path.of(location)).normalize());
  }

  private AddedSource.Repository repository(RepositoryPlace place, Surroundings here) {
    return new AddedSource.Repository(
        place.url(),
        place.branch(),
        place.path(),
        interval == null ? null : interval.toSeconds(),
        resolved(token, here),
        user,
        resolved(sshKey, here),
        resolved(knownHosts, here),
        signers.stream().map(here::resolve).toList(),
        resolved(secret, here));
  }

  private static @Nullable Path resolved(@Nullable Path written, Surroundings here) {
    return written == null ? null : here.resolve(written);
  }
}
