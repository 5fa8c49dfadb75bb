package dev.vmctl.image;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.net.URI;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * A name in a registry, as the OCI Distribution Specification 1.1 has it.
 *
 * @param registry host and port, as credentials are kept for it
 * @param reference a tag, or a digest
 */
record OciReference(ImageUrl url, String registry, String repository, String reference) {
  private static final Pattern NAME =
      Pattern.compile(
          "/([a-z0-9]+(?:[._-]+[a-z0-9]+)*(?:/[a-z0-9]+(?:[._-]+[a-z0-9]+)*)*)"
              + "(?::([A-Za-z0-9_][A-Za-z0-9._-]{0,127}))?(?:@(sha256:[0-9a-f]{64}))?");
  private static final Pattern LOOPBACK =
      Pattern.compile("localhost|127\\.\\d+\\.\\d+\\.\\d+|\\[::1\\]");

  /**
   * @throws VmException image.unsupported when it is none
   */
  static OciReference of(ImageUrl url) {
    URI address = url.address();
    Matcher name = NAME.matcher(address.getPath() == null ? "" : address.getPath());
    if (!name.matches()) {
      throw new VmException(
          ErrorCode.IMAGE_UNSUPPORTED,
          url.shown() + " is no name in a registry",
          "write it as oci://registry/repository:tag, or with @sha256:… in place of the tag");
    }
    String port = address.getPort() < 0 ? "" : ":" + address.getPort();
    String reference =
        name.group(3) != null ? name.group(3) : name.group(2) != null ? name.group(2) : "latest";
    return new OciReference(url, address.getHost() + port, name.group(1), reference);
  }

  boolean isDigest() {
    return reference.startsWith(CacheLayout.DIGEST_PREFIX);
  }

  /** An address below the repository; plain http only to this host itself. */
  URI at(String path) {
    String host = url.address().getHost();
    String scheme = LOOPBACK.matcher(host).matches() ? "http" : "https";
    // What people call docker.io answers elsewhere.
    String server = registry.equals("docker.io") ? "registry-1.docker.io" : registry;
    return URI.create(scheme + "://" + server + "/v2/" + repository + "/" + path);
  }
}
