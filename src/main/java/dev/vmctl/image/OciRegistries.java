package dev.vmctl.image;

import com.fasterxml.jackson.databind.JsonNode;
import dev.vmctl.json.Json;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.net.URI;
import java.util.ArrayList;
import java.util.List;
import java.util.Map;
import java.util.Optional;

/** Finds disk images in OCI registries (OCI Image and Distribution Specifications 1.1). */
final class OciRegistries {
  static final String QCOW2_LAYER = "application/vnd.cloudnebula.qcow2.layer.v1";
  static final String PLAIN_LAYER = "application/octet-stream";
  static final String MANIFEST = "application/vnd.oci.image.manifest.v1+json";
  static final String TITLE = "org.opencontainers.image.title";

  private static final List<String> INDEXES =
      List.of(
          "application/vnd.oci.image.index.v1+json",
          "application/vnd.docker.distribution.manifest.list.v2+json");
  private static final String ACCEPTED =
      MANIFEST
          + ", application/vnd.docker.distribution.manifest.v2+json, "
          + String.join(", ", INDEXES);
  private static final int LONGEST_MANIFEST = 4 << 20;
  private static final int MOST_INDEXES = 3;

  private final Http http;
  private final DockerCredentials credentials;

  OciRegistries(Http http, ImageHost host) {
    this.http = http;
    this.credentials = new DockerCredentials(host);
  }

  OciSession session(ImageUrl url) {
    return new OciSession(OciReference.of(url), http, credentials);
  }

  /**
   * The image that a name stands for now.
   *
   * @throws VmException image.not_found, image.access_denied, image.unsupported when it holds no
   *     disk image, oci.pull_failed
   */
  Origin resolve(ImageUrl url) {
    OciSession session = session(url);
    JsonNode manifest = manifest(session, session.reference().reference());
    for (int depth = 0; isIndex(manifest); depth++) {
      if (depth == MOST_INDEXES) {
        throw unsupported(url, "is an index of indexes without end");
      }
      manifest = manifest(session, forThisHost(url, manifest));
    }
    String digest = layer(url, manifest).path("digest").asText("");
    if (!CacheLayout.isHex(digest.replaceFirst("^" + CacheLayout.DIGEST_PREFIX, ""))) {
      throw unsupported(url, "has a layer of the digest '" + digest + "', which is no SHA-256");
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

  private static JsonNode manifest(OciSession session, String reference) {
    ImageUrl url = session.reference().url();
    try (HttpAnswer answer =
        session.get(session.reference().at("manifests/" + reference), Map.of("Accept", ACCEPTED))) {
      if (answer.status() != 200) {
        throw DownloadFailures.ofStatus(url, answer.status());
      }
      byte[] content = answer.bytes(LONGEST_MANIFEST);
      if (reference.startsWith(CacheLayout.DIGEST_PREFIX)) {
        var digest = CacheLayout.sha256();
        digest.update(content);
        String had = CacheLayout.text(digest);
        Checksum.verify(reference, had, had, "the manifest of " + url.shown());
      }
      return Json.mapper().readTree(content);
    } catch (IOException e) {
      throw DownloadFailures.failed(
          url,
          "its registry's answer cannot be read: " + DownloadFailures.reason(e),
          "check that " + session.reference().registry() + " is a registry",
          e);
    }
  }

  private static boolean isIndex(JsonNode manifest) {
    return INDEXES.contains(manifest.path("mediaType").asText(""))
        || (manifest.has("manifests") && !manifest.has("layers"));
  }

  private static String forThisHost(ImageUrl url, JsonNode index) {
    List<String> offered = new ArrayList<>();
    for (JsonNode each : index.path("manifests")) {
      JsonNode platform = each.path("platform");
      String name = platform.path("os").asText("") + "/" + platform.path("architecture").asText("");
      if (platform.isMissingNode() || name.equals("linux/" + architecture())) {
        return each.path("digest").asText("");
      }
      offered.add(name);
    }
    throw unsupported(
        url,
        "has nothing for linux/" + architecture() + ", only for " + String.join(", ", offered));
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

  private static JsonNode layer(ImageUrl url, JsonNode manifest) {
    List<String> types = new ArrayList<>();
    for (String wanted : List.of(QCOW2_LAYER, PLAIN_LAYER)) {
      for (JsonNode layer : manifest.path("layers")) {
        if (layer.path("mediaType").asText("").equals(wanted)) {
          return layer;
        }
        types.add(layer.path("mediaType").asText(""));
      }
    }
    throw unsupported(
        url,
        "holds no disk image: its layers are "
            + String.join(", ", types.stream().distinct().toList()));
  }

  private static VmException unsupported(ImageUrl url, String what) {
    return new VmException(
        ErrorCode.IMAGE_UNSUPPORTED,
        url.shown() + " " + what,
        "a disk image has a layer of the type " + QCOW2_LAYER + ", as 'vmctl image push' makes it");
  }
}
