package dev.vmctl.image;

import com.fasterxml.jackson.databind.node.ObjectNode;
import dev.vmctl.host.AtomicFiles;
import dev.vmctl.json.Json;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.security.MessageDigest;
import java.util.Map;

/** Puts a cached image into a registry, as one layer of an artifact. */
final class OciPush {
  private static final String EMPTY = "application/vnd.oci.empty.v1+json";
  private static final byte[] EMPTY_CONFIG = "{}".getBytes(StandardCharsets.UTF_8);
  private static final int BUFFER = 1 << 20;

  private final OciRegistries registries;

  OciPush(OciRegistries registries) {
    this.registries = registries;
  }

  /**
   * @param title file name for those who pull it with other tools
   * @return digest of the manifest
   * @throws VmException oci.push_failed, image.access_denied
   */
  String push(CachedImage image, ImageUrl target, String title, ImportTask task) {
    OciSession session = registries.session(target);
    if (session.reference().isDigest()) {
      throw new VmException(
          ErrorCode.USAGE, "an image is pushed to a tag, not to a digest", "write …:tag");
    }
    try {
      long size = Files.size(image.path());
      blob(session, image.digest(), size, out -> copy(image.path(), size, out, task));
      String config = digest(EMPTY_CONFIG);
      blob(session, config, EMPTY_CONFIG.length, out -> out.write(EMPTY_CONFIG));
      return manifest(session, image, title, size, config);
    } catch (IOException e) {
      throw AtomicFiles.failure("read", image.path(), e);
    }
  }

  private static void copy(Path file, long size, OutputStream out, ImportTask task)
      throws IOException {
    byte[] buffer = new byte[BUFFER];
    long done = 0;
    try (InputStream in = Files.newInputStream(file)) {
      for (int count = in.read(buffer); count >= 0; count = in.read(buffer)) {
        out.write(buffer, 0, count);
        done += count;
        task.report("uploading", done, size);
      }
    }
  }

  private static void blob(OciSession session, String digest, long size, Http.Body body) {
    URI known = session.reference().at("blobs/" + digest);
    try (HttpAnswer there = session.send("HEAD", known, Map.of(), 0, out -> {})) {
      if (there.status() == 200) {
        return;
      }
    }
    URI begin = session.reference().at("blobs/uploads/");
    URI upload;
    try (HttpAnswer begun = session.send("POST", begin, Map.of(), 0, out -> {})) {
      requireStatus(session, begun, 202);
      upload = begin.resolve(begun.header("Location").orElse(""));
    }
    URI whole =
        URI.create(upload + (upload.getRawQuery() == null ? "?" : "&") + "digest=" + digest);
    try (HttpAnswer done =
        session.send("PUT", whole, Map.of("Content-Type", OciRegistries.PLAIN_LAYER), size, body)) {
      requireStatus(session, done, 201);
    }
  }

  private static String manifest(
      OciSession session, CachedImage image, String title, long size, String config)
      throws IOException {
    String type =
        image.format() == ImageFormat.QCOW2 ? OciRegistries.QCOW2_LAYER : OciRegistries.PLAIN_LAYER;
    ObjectNode manifest = Json.mapper().createObjectNode();
    manifest.put("schemaVersion", 2).put("mediaType", OciRegistries.MANIFEST);
    manifest.put("artifactType", type);
    manifest
        .putObject("config")
        .put("mediaType", EMPTY)
        .put("digest", config)
        .put("size", EMPTY_CONFIG.length);
    manifest
        .putArray("layers")
        .addObject()
        .put("mediaType", type)
        .put("digest", image.digest())
        .put("size", size)
        .putObject("annotations")
        .put(OciRegistries.TITLE, title);
    byte[] content = Json.mapper().writeValueAsBytes(manifest);
    URI at = session.reference().at("manifests/" + session.reference().reference());
    try (HttpAnswer put =
        session.send(
            "PUT",
            at,
            Map.of("Content-Type", OciRegistries.MANIFEST),
            content.length,
            out -> out.write(content))) {
      requireStatus(session, put, 201);
    }
    return digest(content);
  }

  private static String digest(byte[] content) {
    MessageDigest digest = CacheLayout.sha256();
    digest.update(content);
    return CacheLayout.text(digest);
  }

  private static void requireStatus(OciSession session, HttpAnswer answer, int wanted) {
    if (answer.status() == wanted) {
      return;
    }
    VmException refused = DownloadFailures.ofStatus(session.reference().url(), answer.status());
    if (refused.code() == ErrorCode.IMAGE_ACCESS_DENIED) {
      throw refused;
    }
    throw new VmException(
        ErrorCode.OCI_PUSH_FAILED,
        "cannot push to "
            + session.reference().url().shown()
            + ": the registry answered HTTP "
            + answer.status(),
        "check the name, and that you may write there");
  }
}
