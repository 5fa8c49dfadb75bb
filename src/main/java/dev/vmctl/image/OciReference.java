package dev.vmctl.image;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.net.URI;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import land.oras.ContainerRef;

/** A name in a registry. */
record OciReference(ImageUrl url, ContainerRef name) {
  /** As the Distribution Specification 1.1 has it; the library lets more pass. */
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
    // A host without a dot or a port would be taken for the beginning of a name at docker.io.
    return new OciReference(
        url, ContainerRef.parse("docker.io" + name.group()).forRegistry(address.getHost() + port));
  }

  /** Host and port, as credentials are kept for it. */
  String registry() {
    return name.getRegistry();
  }

  boolean isDigest() {
    return name.getDigest() != null;
  }

  /** The digest, or else the tag. */
  String reference() {
    String digest = name.getDigest();
    return digest == null ? String.valueOf(name.getTag()) : digest;
  }

  /** An address below the repository; plain http only to this host itself. */
  URI at(String path) {
    String scheme = LOOPBACK.matcher(url.address().getHost()).matches() ? "http" : "https";
    return URI.create(
        scheme + "://" + name.getApiRegistry() + "/v2/" + name.getFullRepository() + "/" + path);
  }
}
