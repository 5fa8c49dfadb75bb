package dev.vmctl.image;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.net.URI;
import java.net.URISyntaxException;
import java.util.Locale;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * An http, https or oci URL of an image.
 *
 * @param shown for people: without user, password and query, which may be secrets
 */
record ImageUrl(URI address, String shown) {
  /**
   * @throws VmException IMAGE_UNSUPPORTED when it is none
   */
  static ImageUrl parse(String url) {
    URI address;
    try {
      address = new URI(url);
    } catch (URISyntaxException e) {
      throw unsupported("'" + url + "' is not a URL", "write it as https://host/path", e);
    }
    String scheme = Objects.requireNonNullElse(address.getScheme(), "").toLowerCase(Locale.ROOT);
    if (!scheme.equals("http") && !scheme.equals("https") && !scheme.equals("oci")) {
      throw unsupported(
          "images are downloaded by http, https and oci, not '" + scheme + "'",
          "write it as https://host/path, or declare a local file with: image \"path\"",
          null);
    }
    if (address.getHost() == null) {
      throw unsupported("the URL of an image names no host", "write it as https://host/path", null);
    }
    String port = address.getPort() < 0 ? "" : ":" + address.getPort();
    String path = Objects.requireNonNullElse(address.getPath(), "");
    return new ImageUrl(address, scheme + "://" + address.getHost() + port + path);
  }

  boolean isOci() {
    return shown.startsWith("oci://");
  }

  /** The last part of its path. */
  String name() {
    return Checksum.lastPart(shown);
  }

  private static VmException unsupported(String message, String help, @Nullable Throwable cause) {
    return new VmException(ErrorCode.IMAGE_UNSUPPORTED, message, help, cause);
  }
}
