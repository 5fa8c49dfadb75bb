package dev.vmctl.image;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.net.URI;
import java.net.URLEncoder;
import java.nio.charset.StandardCharsets;
import java.util.HashMap;
import java.util.Locale;
import java.util.Map;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a registry wants to be told who asks (RFC 6750, and Docker's token specification).
 *
 * @param scheme in small letters
 */
record OciChallenge(String scheme, Map<String, String> parameters) {
  private static final Pattern PARAMETER = Pattern.compile("(\\w+)=(?:\"([^\"]*)\"|([^\",\\s]+))");

  OciChallenge {
    parameters = Map.copyOf(parameters);
  }

  /** What an answer says in WWW-Authenticate; "" when that is nothing. */
  static OciChallenge parse(String header) {
    Map<String, String> parameters = new HashMap<>();
    Matcher each = PARAMETER.matcher(header);
    while (each.find()) {
      String value = each.group(2) == null ? each.group(3) : each.group(2);
      parameters.put(each.group(1).toLowerCase(Locale.ROOT), value);
    }
    return new OciChallenge(header.strip().split("\\s", 2)[0].toLowerCase(Locale.ROOT), parameters);
  }

  /**
   * Where tokens are had.
   *
   * @throws VmException image.access_denied when a password would go there for anybody to read
   */
  URI realm(OciReference reference) {
    String realm = parameters.getOrDefault("realm", "");
    boolean secured = reference.at("").getScheme().equals("https");
    if (realm.startsWith("https://") || (!secured && realm.startsWith("http://"))) {
      try {
        return URI.create(realm);
      } catch (IllegalArgumentException notOne) {
        // Said below.
      }
    }
    throw new VmException(
        ErrorCode.IMAGE_ACCESS_DENIED,
        reference.registry()
            + " wants logins at '"
            + realm
            + "', which is no "
            + (secured ? "https" : "http")
            + " address",
        "nothing was sent there; tell those who run the registry");
  }

  /** What is asked for, encoded for a URL. */
  String query(OciReference reference, String actions) {
    return "service=" + encoded(service(reference)) + "&scope=" + scope(reference, actions);
  }

  private String service(OciReference reference) {
    String service = parameters.getOrDefault("service", "");
    return service.isEmpty() ? reference.registry() : service;
  }

  private String scope(OciReference reference, String actions) {
    String scope = parameters.getOrDefault("scope", "");
    return encoded(
        scope.isEmpty()
            ? "repository:" + reference.name().getFullRepository() + ":" + actions
            : scope);
  }

  /**
   * In the one form the library reads: these three, in this order. It puts a question mark behind
   * the realm and then the scope, as it is; so a query that the realm has follows the scope.
   */
  String forLibrary(OciReference reference, String actions) {
    URI realm = realm(reference);
    String own = realm.getRawQuery() == null ? "" : "&" + realm.getRawQuery();
    return "Bearer realm=\"%s\",service=\"%s\",scope=\"%s\""
        .formatted(
            realm.toString().replaceFirst("[?#].*", ""),
            service(reference),
            scope(reference, actions) + own);
  }

  static String encoded(String text) {
    return URLEncoder.encode(text, StandardCharsets.UTF_8);
  }
}
