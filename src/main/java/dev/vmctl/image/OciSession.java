package dev.vmctl.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmctl.image.DockerCredentials.Login;
import dev.vmctl.json.Json;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import land.oras.auth.HttpClient.ResponseWrapper;
import land.oras.exception.OrasException;
import org.jspecify.annotations.Nullable;

/**
 * Requests to one repository. What is fetched comes as from any URL; what is sent goes by the
 * library, which also gets the tokens. What a registry then takes is kept until it no longer does.
 */
final class OciSession {
  private static final String NO_TOKEN = "its token service gave no token";
  private static final int LONGEST_TOKEN = 1 << 20;

  private final OciReference reference;
  private final String actions;
  private final Http http;
  private final OrasClient library;
  private final DockerCredentials credentials;
  private volatile @Nullable String authorization;

  /**
   * @param actions what the tokens are for, where the registry does not say: pull, or pull,push
   */
  OciSession(
      OciReference reference,
      String actions,
      Http http,
      OrasClient library,
      DockerCredentials credentials) {
    this.reference = reference;
    this.actions = actions;
    this.http = http;
    this.library = library;
    this.credentials = credentials;
  }

  OciReference reference() {
    return reference;
  }

  HttpAnswer get(URI at, Map<String, String> headers) {
    ImageUrl address = new ImageUrl(at, reference.url().shown());
    HttpAnswer answer = http.get(address, with(at, headers));
    try {
      if (answer.status() != 401 || !login(answer)) {
        return answer;
      }
    } catch (VmException e) {
      answer.close();
      throw e;
    }
    answer.close();
    return http.get(address, with(at, headers));
  }

  /**
   * Sends by the library, once more when another login is wanted.
   *
   * @throws VmException image.access_denied, oci.pull_failed when there is no answer
   */
  ResponseWrapper<String> send(
      String method, URI at, OrasClient.Request<ResponseWrapper<String>> request) {
    return once(at, request)
        .or(
            () -> {
              demand(method, at);
              return once(at, request);
            })
        .orElseThrow(() -> DownloadFailures.ofStatus(reference.url(), 401));
  }

  /** The answer; empty when another login is wanted, or another address. */
  private Optional<ResponseWrapper<String>> once(
      URI at, OrasClient.Request<ResponseWrapper<String>> request) {
    try {
      return Optional.of(library.ask(reference, authorizationAt(at), request));
    } catch (OrasClient.AnotherRequestException e) {
      return Optional.empty();
    } catch (OrasException e) {
      if (e.getStatusCode() == 401) {
        return Optional.empty();
      }
      throw refused(e, "its registry's answer cannot be read");
    } catch (IOException e) {
      throw DownloadFailures.ofConnection(reference.url(), at.getHost(), true, e);
    }
  }

  /** Asks once more, without a body, for what the library does not tell of the answer. */
  private void demand(String method, URI at) {
    ImageUrl url = reference.url();
    try (HttpAnswer answer = http.send(method, url, at, with(at, Map.of()), 0, out -> {})) {
      if (answer.status() != 401 || !login(answer)) {
        throw DownloadFailures.ofStatus(url, answer.status());
      }
    }
  }

  private Map<String, String> with(URI at, Map<String, String> headers) {
    String known = authorizationAt(at);
    Map<String, String> sent = new LinkedHashMap<>(headers);
    if (known != null) {
      sent.put("Authorization", known);
    }
    return sent;
  }

  /** Uploads may go elsewhere, and are let in there by their address. */
  private @Nullable String authorizationAt(URI at) {
    return Http.sameOrigin(reference.at(""), at) ? authorization : null;
  }

  /** Whether there is something to answer to a challenge. */
  private boolean login(HttpAnswer challenged) {
    OciChallenge challenge = OciChallenge.parse(challenged.header("WWW-Authenticate").orElse(""));
    try {
      Optional<Login> login = credentials.of(reference.registry());
      Optional<String> granted =
          switch (challenge.scheme()) {
            case "basic" -> login.filter(each -> !each.isToken()).map(Login::basic);
            case "bearer" ->
                Optional.of(
                    "Bearer "
                        + (login.isPresent() && login.get().isToken()
                            ? exchanged(challenge, login.get())
                            : token(challenge, login)));
            default -> Optional.empty();
          };
      granted.ifPresent(each -> authorization = each);
      return granted.isPresent();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new VmException(ErrorCode.TIMEOUT, "interrupted while logging in", "try again", e);
    }
  }

  private String token(OciChallenge challenge, Optional<Login> login) {
    URI realm = challenge.realm(reference);
    var demand =
        new ResponseWrapper<>(
            "", 401, Map.of("www-authenticate", challenge.forLibrary(reference, actions)), null);
    try {
      return granted(
          library
              .ask(
                  reference,
                  login.map(Login::basic).orElse(null),
                  turn -> turn.client().refreshToken(demand, turn.scopes(), turn))
              .getEffectiveToken());
    } catch (OrasException e) {
      throw refused(e, NO_TOKEN);
    } catch (IOException e) {
      throw DownloadFailures.ofConnection(reference.url(), realm.getHost(), true, e);
    }
  }

  /** By an identity token, for which the library has no words. */
  private String exchanged(OciChallenge challenge, Login login) {
    byte[] form =
        ("grant_type=refresh_token&client_id=vmctl&"
                + challenge.query(reference, actions)
                + "&refresh_token="
                + OciChallenge.encoded(login.secret()))
            .getBytes(StandardCharsets.UTF_8);
    try (HttpAnswer answer =
        http.send(
            "POST",
            reference.url(),
            challenge.realm(reference),
            Map.of("Content-Type", "application/x-www-form-urlencoded"),
            form.length,
            out -> out.write(form))) {
      if (answer.status() != 200) {
        throw DownloadFailures.ofStatus(reference.url(), answer.status());
      }
      JsonNode token = Json.mapper().readTree(answer.bytes(LONGEST_TOKEN));
      return granted(token.path("access_token").asText(token.path("token").asText("")));
    } catch (IOException e) {
      throw failed(NO_TOKEN + ": " + DownloadFailures.reason(e), e);
    }
  }

  private String granted(@Nullable String token) {
    if (token == null || token.isEmpty()) {
      throw failed(NO_TOKEN, null);
    }
    return token;
  }

  private VmException refused(OrasException e, String what) {
    int status = e.getStatusCode();
    return status == 401 || status == 403
        ? DownloadFailures.ofStatus(reference.url(), status)
        : failed(what + ": " + e.getMessage(), e);
  }

  VmException failed(String why, @Nullable Throwable cause) {
    return DownloadFailures.failed(reference.url(), why, cause);
  }
}
