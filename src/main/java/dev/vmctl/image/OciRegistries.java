package dev.vmctl.image;

import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import java.util.Optional;
import java.util.stream.Collectors;
import land.oras.Index;
import land.oras.Layer;
import land.oras.Manifest;
import land.oras.ManifestDescriptor;
import land.oras.Platform;
import land.oras.exception.OrasException;
import land.oras.utils.Const;
import org.jspecify.annotations.Nullable;

/** Finds disk images in OCI registries (OCI Image and Distribution Specifications 1.1). */
final class OciRegistries {
  static final String QCOW2_LAYER = "application/vnd.cloudnebula.qcow2.layer.v1";
  static final String PLAIN_LAYER = "application/octet-stream";
  private static final int LONGEST_MANIFEST = 4 << 20;
  private static final int MOST_INDEXES = 3;

  private final Http http;
  private final DockerCredentials credentials;
  private final OrasClient library;

  OciRegistries(Http http, ImageHost host) {
    this.http = http;
    this.credentials = new DockerCredentials(host);
    this.library = new OrasClient(http.limits());
  }

  /**
   * @param actions what it is for: pull, or pull,push
   */
  OciSession session(ImageUrl url, String actions) {
    return new OciSession(OciReference.of(url), actions, http, library, credentials);
  }

  /**
   * The image that a name stands for now.
   *
   * @throws VmException image.not_found, image.access_denied, image.unsupported when it holds no
   *     disk image, oci.pull_failed
   */
  Origin resolve(ImageUrl url) {
    OciSession session = session(url, "pull");
    String digest;
    try {
      digest = layer(session);
    } catch (OrasException e) {
      throw session.failed("what its registry has is no manifest: " + e.getMessage(), e);
    }
    URI blob = session.reference().at("blobs/" + digest);
    return new Origin() {
      @Override
      public ImageUrl url() {
        return url;
      }

      @Override
      public HttpAnswer get(Map<String, String> headers) {
        return session.get(blob, headers);
      }

      @Override
      public Optional<String> digest() {
        return Optional.of(digest);
      }
    };
  }

  private static String layer(OciSession session) {
    ImageUrl url = session.reference().url();
    String json = manifest(session, session.reference().reference());
    for (int depth = 0; isIndex(json); depth++) {
      if (depth == MOST_INDEXES) {
        throw unsupported(url, "is an index of indexes without end");
      }
      json = manifest(session, forThisHost(url, Index.fromJson(json)));
    }
    return disk(url, Manifest.fromJson(json));
  }

  /** By our own client: the library reads all of an answer, and follows redirects anywhere. */
  private static String manifest(OciSession session, String reference) {
    ImageUrl url = session.reference().url();
    try (HttpAnswer answer =
        session.get(
            session.reference().at("manifests/" + reference),
            Map.of("Accept", Const.MANIFEST_ACCEPT_TYPE))) {
      if (answer.status() != 200) {
        throw DownloadFailures.ofStatus(url, answer.status());
      }
      byte[] content = answer.bytes(LONGEST_MANIFEST + 1);
      if (content.length > LONGEST_MANIFEST) {
        throw unsupported(url, "has a manifest of more than 4 MiB");
      }
      if (reference.startsWith(CacheLayout.DIGEST_PREFIX)) {
        var digest = CacheLayout.sha256();
        digest.update(content);
        String had = CacheLayout.text(digest);
        Checksum.verify(reference, had, had, "the manifest of " + url.shown());
      }
      String json = new String(content, StandardCharsets.UTF_8);
      if (!json.stripLeading().startsWith("{")) {
        throw session.failed("what its registry has is no manifest", null);
      }
      return json;
    } catch (IOException e) {
      throw DownloadFailures.ofBody(url, e);
    }
  }

  /** Told by what they hold: not everybody who writes one says what it is. */
  private static boolean isIndex(String json) {
    return Manifest.fromJson(json).getLayers().isEmpty()
        && Index.fromJson(json).getManifests() != null;
  }

  private static String forThisHost(ImageUrl url, Index index) {
    Platform here = Platform.of("linux", architecture());
    List<ManifestDescriptor> offered =
        index.getManifests().stream().filter(Objects::nonNull).toList();
    return offered.stream()
        .filter(each -> each.getPlatformOrNull() == null || isFor(here, each.getPlatform()))
        .findFirst()
        .map(each -> sha256(url, "manifest", each.getDigest()))
        .orElseThrow(
            () ->
                unsupported(
                    url,
                    "has nothing for "
                        + shown(here)
                        + ", only for "
                        + offered.stream()
                            .map(each -> shown(each.getPlatform()))
                            .collect(Collectors.joining(", "))));
  }

  /** Of whatever variant: arm64 is v8 to some, and nothing further to others. */
  private static boolean isFor(Platform here, Platform offered) {
    return offered.os().equals(here.os()) && offered.architecture().equals(here.architecture());
  }

  private static String shown(Platform platform) {
    return platform.os() + "/" + platform.architecture();
  }

  /** This host's, as Go and with it the registries call it. */
  static String architecture() {
    String name = System.getProperty("os.arch");
    return switch (name) {
      case "x86_64" -> "amd64";
      case "aarch64" -> "arm64";
      default -> name;
    };
  }

  private static String disk(ImageUrl url, Manifest manifest) {
    List<Layer> layers = manifest.getLayers().stream().filter(Objects::nonNull).toList();
    for (String wanted : List.of(QCOW2_LAYER, PLAIN_LAYER)) {
      for (Layer layer : layers) {
        if (wanted.equals(layer.getMediaType())) {
          return sha256(url, "layer", layer.getDigest());
        }
      }
    }
    throw unsupported(
        url,
        "holds no disk image: its layers are "
            + layers.stream()
                .map(Layer::getMediaType)
                .distinct()
                .collect(Collectors.joining(", ")));
  }

  private static String sha256(ImageUrl url, String what, @Nullable String digest) {
    if (digest == null
        || !digest.startsWith(CacheLayout.DIGEST_PREFIX)
        || !CacheLayout.isHex(digest.substring(CacheLayout.DIGEST_PREFIX.length()))) {
      throw unsupported(
          url, "has a " + what + " of the digest '" + digest + "', which is no SHA-256");
    }
    return digest;
  }

  private static VmException unsupported(ImageUrl url, String what) {
    return new VmException(
        ErrorCode.IMAGE_UNSUPPORTED,
        url.shown() + " " + what,
        "a disk image has a layer of the type " + QCOW2_LAYER + ", as 'vmctl image push' makes it");
  }
}
