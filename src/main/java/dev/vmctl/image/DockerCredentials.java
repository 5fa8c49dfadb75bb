package dev.vmctl.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmctl.host.AtomicFiles;
import dev.vmctl.host.ToolResult;
import dev.vmctl.host.ToolRun;
import dev.vmctl.json.Json;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.NoSuchFileException;
import java.nio.file.Path;
import java.time.Duration;
import java.util.Base64;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Pattern;

/**
 * How this user logs in to registries: {@code GITHUB_TOKEN} for ghcr.io, then Docker's {@code
 * config.json} with its credential helpers.
 */
final class DockerCredentials {
  private static final Duration HELPER = Duration.ofSeconds(30);
  private static final String HUB = "https://index.docker.io/v1/";

  /** The user name under which a helper returns a token to be exchanged. */
  private static final String TOKEN_USER = "<token>";

  /**
   * @param user empty when the secret is a token to be exchanged for others
   */
  record Login(String user, String secret) {
    boolean isToken() {
      return user.isEmpty();
    }

    String basic() {
      return "Basic "
          + Base64.getEncoder()
              .encodeToString((user + ":" + secret).getBytes(StandardCharsets.UTF_8));
    }

    @Override
    public String toString() {
      return "Login[" + user + "]";
    }
  }

  private final ImageHost host;

  DockerCredentials(ImageHost host) {
    this.host = host;
  }

  /**
   * @throws VmException io when there are credentials that cannot be had
   */
  Optional<Login> of(String registry) throws InterruptedException {
    String token = host.environment().getOrDefault("GITHUB_TOKEN", "");
    if (registry.equals("ghcr.io") && !token.isEmpty()) {
      return Optional.of(
          new Login(host.environment().getOrDefault("GITHUB_ACTOR", "token"), token));
    }
    JsonNode config = config();
    String key = registry.equals("docker.io") ? HUB : registry;
    String helper = config.path("credHelpers").path(registry).asText("");
    if (!helper.isEmpty()) {
      return fromHelper(helper, key);
    }
    Optional<Login> kept = kept(config.path("auths"), registry, key);
    if (kept.isPresent()) {
      return kept;
    }
    String store = config.path("credsStore").asText("");
    return store.isEmpty() ? Optional.empty() : fromHelper(store, key);
  }

  private JsonNode config() {
    String directory = host.environment().getOrDefault("DOCKER_CONFIG", "");
    Path file =
        (directory.isEmpty() ? host.home().resolve(".docker") : Path.of(directory))
            .resolve("config.json");
    try {
      return Json.mapper().readTree(Files.readAllBytes(file));
    } catch (NoSuchFileException e) {
      return Json.mapper().createObjectNode();
    } catch (IOException e) {
      throw AtomicFiles.failure("read", file, e);
    }
  }

  private static Optional<Login> kept(JsonNode logins, String registry, String key) {
    for (String name :
        List.of(key, registry, "https://" + registry, "https://" + registry + "/v2/")) {
      JsonNode login = logins.path(name);
      String token = login.path("identitytoken").asText("");
      if (!token.isEmpty()) {
        return Optional.of(new Login("", token));
      }
      String auth = login.path("auth").asText("");
      if (!auth.isEmpty()) {
        return Optional.of(decoded(auth, registry));
      }
      if (login.hasNonNull("username") && login.hasNonNull("password")) {
        return Optional.of(
            new Login(login.path("username").asText(), login.path("password").asText()));
      }
    }
    return Optional.empty();
  }

  private static Login decoded(String auth, String registry) {
    try {
      String text = new String(Base64.getDecoder().decode(auth), StandardCharsets.UTF_8);
      int colon = text.indexOf(':');
      if (colon > 0) {
        return new Login(text.substring(0, colon), text.substring(colon + 1).replace("\0", ""));
      }
    } catch (IllegalArgumentException notBase64) {
      // Said below.
    }
    throw new VmException(
        ErrorCode.IO,
        "the login kept for " + registry + " in Docker's config.json cannot be read",
        "log in again: docker login " + registry);
  }

  /**
   * By the PATH of whoever asks; as a bare name, for an error that names it, when it is not there.
   */
  private String program(String helper) {
    String name = "docker-credential-" + helper;
    return Pattern.compile(":")
        .splitAsStream(host.environment().getOrDefault("PATH", ""))
        .filter(folder -> folder.startsWith("/"))
        .map(folder -> Path.of(folder, name))
        .filter(Files::isExecutable)
        .map(Path::toString)
        .findFirst()
        .orElse(name);
  }

  private Optional<Login> fromHelper(String helper, String key) throws InterruptedException {
    ToolResult result =
        host.processes().run(new ToolRun(List.of(program(helper), "get"), Map.of(), key, HELPER));
    if (!result.succeeded()) {
      String said = (result.output() + result.errors()).strip();
      if (said.contains("credentials not found")) {
        return Optional.empty();
      }
      throw new VmException(
          ErrorCode.IO,
          "docker-credential-" + helper + " has no login for " + key + ": " + said,
          "see what it says by hand: echo " + key + " | docker-credential-" + helper + " get");
    }
    try {
      JsonNode login = Json.mapper().readTree(result.output());
      String user = login.path("Username").asText();
      return Optional.of(
          new Login(user.equals(TOKEN_USER) ? "" : user, login.path("Secret").asText()));
    } catch (IOException e) {
      throw new VmException(
          ErrorCode.IO,
          "docker-credential-" + helper + " did not answer with JSON",
          "see what it says by hand: echo " + key + " | docker-credential-" + helper + " get",
          e);
    }
  }
}
