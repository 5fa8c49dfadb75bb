package dev.vmctl.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmctl.image.DockerCredentials.Login;
import dev.vmctl.json.Json;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.Locale;
import java.util.Map;
import java.util.Optional;
import java.util.function.Function;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * Requests to one repository. A registry that wants to know who asks says how (RFC 6750, and
 * Docker's token specification); what it then takes is kept until it no longer does.
 */
final class OciSession {
  private static final Pattern PARAMETER = Pattern.compile("(\\w+)=\"([^\"]*)\"");
  private static final int LONGEST_TOKEN = 1 << 20;

  private final OciReference reference;
  private final Http http;
  private final DockerCredentials credentials;
  private volatile @Nullable String authorization;

  OciSession(OciReference reference, Http http, DockerCredentials credentials) {
    this.reference = reference;
    this.http = http;
    this.credentials = credentials;
  }

  OciReference reference() {
    return reference;
  }

  HttpAnswer get(URI at, Map<String, String> headers) {
    ImageUrl address = new ImageUrl(at, reference.url().shown());
    return authorized(headers, sent -> http.get(address, sent));
  }

  /** Without a body of the answer being of interest; redirects are not followed. */
  HttpAnswer send(String method, URI at, Map<String, String> headers, long length, Http.Body body) {
    return authorized(headers, sent -> http.send(method, reference.url(), at, sent, length, body));
  }

  private HttpAnswer authorized(
      Map<String, String> headers, Function<Map<String, String>, HttpAnswer> request) {
    HttpAnswer answer = request.apply(with(headers));
    if (answer.status() != 401) {
      return answer;
    }
    String challenge = answer.header("WWW-Authenticate").orElse("");
    Optional<String> granted = grant(challenge);
    if (granted.isEmpty()) {
      return answer;
    }
    answer.close();
    authorization = granted.get();
    return request.apply(with(headers));
  }

  private Map<String, String> with(Map<String, String> headers) {
    String known = authorization;
    Map<String, String> sent = new LinkedHashMap<>(headers);
    if (known != null) {
      sent.put("Authorization", known);
    }
    return sent;
  }

  /** What to answer to a challenge; empty when there is nothing to answer with. */
  private Optional<String> grant(String challenge) {
    try {
      Optional<Login> login = credentials.of(reference.registry());
      String scheme = challenge.toLowerCase(Locale.ROOT);
      if (scheme.startsWith("basic")) {
        return login.filter(each -> !each.isToken()).map(Login::basic);
      }
      return scheme.startsWith("bearer ") ? token(parameters(challenge), login) : Optional.empty();
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new VmException(ErrorCode.TIMEOUT, "interrupted while logging in", "try again", e);
    }
  }

  private static Map<String, String> parameters(String challenge) {
    Map<String, String> parameters = new HashMap<>();
    Matcher each = PARAMETER.matcher(challenge);
    while (each.find()) {
      parameters.put(each.group(1).toLowerCase(Locale.ROOT), each.group(2));
    }
    return parameters;
  }

  private Optional<String> token(Map<String, String> challenge, Optional<Login> login) {
    String realm = challenge.getOrDefault("realm", "");
    // A password must not go where anybody could read it.
    if (!realm.startsWith("https://") && reference.at("").getScheme().equals("https")) {
      return Optional.empty();
    }
    String query =
        "service="
            + encoded(challenge.getOrDefault("service", ""))
            + "&scope="
            + encoded(
                challenge.getOrDefault("scope", "repository:" + reference.repository() + ":pull"));
    try (HttpAnswer answer = askForToken(realm, query, login)) {
      if (answer.status() != 200) {
        throw DownloadFailures.ofStatus(reference.url(), answer.status());
      }
      JsonNode granted = Json.mapper().readTree(answer.bytes(LONGEST_TOKEN));
      String token = granted.path("token").asText(granted.path("access_token").asText(""));
      return token.isEmpty() ? Optional.empty() : Optional.of("Bearer " + token);
    } catch (IOException e) {
      throw DownloadFailures.failed(
          reference.url(),
          "its token service answered what is no JSON: " + DownloadFailures.reason(e),
          "try again later",
          e);
    }
  }

  private HttpAnswer askForToken(String realm, String query, Optional<Login> login) {
    if (login.isPresent() && login.get().isToken()) {
      byte[] form =
          ("grant_type=refresh_token&client_id=vmctl&"
                  + query
                  + "&refresh_token="
                  + encoded(login.get().secret()))
              .getBytes(StandardCharsets.UTF_8);
      return http.send(
          "POST",
          reference.url(),
          URI.create(realm),
          Map.of("Content-Type", "application/x-www-form-urlencoded"),
          form.length,
          out -> out.write(form));
    }
    URI address = URI.create(realm + (realm.contains("?") ? "&" : "?") + query);
    return http.get(
        new ImageUrl(address, reference.url().shown()),
        login.map(each -> Map.of("Authorization", each.basic())).orElse(Map.of()));
  }

  private static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
