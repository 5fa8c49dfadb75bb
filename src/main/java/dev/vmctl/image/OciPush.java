package dev.vmctl.image;

import dev.vmctl.host.AtomicFiles;
import dev.vmctl.model.ErrorCode;
import dev.vmctl.model.VmException;
import java.io.ByteArrayInputStream;
import java.io.FilterInputStream;
import java.io.IOException;
import java.io.InputStream;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.util.List;
import java.util.Map;
import land.oras.ArtifactType;
import land.oras.Config;
import land.oras.Descriptor;
import land.oras.Layer;
import land.oras.Manifest;
import land.oras.auth.HttpClient.ResponseWrapper;
import land.oras.utils.Const;

/** Puts a cached image into a registry, as one layer of an artifact. */
final class OciPush {
  private static final Map<String, String> BYTES =
      Map.of(Const.CONTENT_TYPE_HEADER, Const.APPLICATION_OCTET_STREAM_HEADER_VALUE);

  private final OciSession session;

  OciPush(OciSession session) {
    this.session = session;
  }

  /** Opens the content of a blob. */
  @FunctionalInterface
  private interface Content {
    InputStream open(OrasClient.Turn turn) throws IOException;
  }

  /**
   * @param title file name for those who pull it with other tools
   * @throws VmException oci.push_failed, image.access_denied
   */
  void push(CachedImage image, String title, ImportTask task) {
    if (session.reference().isDigest()) {
      throw new VmException(
          ErrorCode.USAGE, "an image is pushed to a tag, not to a digest", "write …:tag");
    }
    String type =
        image.format() == ImageFormat.QCOW2 ? OciRegistries.QCOW2_LAYER : OciRegistries.PLAIN_LAYER;
    try {
      long size = Files.size(image.path());
      Layer layer =
          Layer.fromDigest(image.digest(), size)
              .withMediaType(type)
              .withAnnotations(Map.of(Const.ANNOTATION_TITLE, title));
      Config config = Config.empty();
      blob(layer, size, turn -> new Reported(Files.newInputStream(image.path()), size, task, turn));
      blob(
          config,
          config.getDataBytes().length,
          turn -> new ByteArrayInputStream(config.getDataBytes()));
      manifest(
          Manifest.empty()
              .withArtifactType(ArtifactType.from(type))
              .withConfig(config)
              .withLayers(List.of(layer)));
    } catch (IOException e) {
      throw AtomicFiles.failure("read", image.path(), e);
    } catch (VmException e) {
      throw DownloadFailures.isTransfer(e)
          ? DownloadFailures.ofPush(session.reference().url(), e)
          : e;
    }
  }

  private void blob(Descriptor blob, long size, Content content) {
    URI known = session.reference().at("blobs/" + blob.getDigest());
    var there =
        session.send(
            "HEAD", known, turn -> turn.client().head(known, Map.of(), turn.scopes(), turn));
    if (there.statusCode() == 200) {
      return;
    }
    URI begin = session.reference().at("blobs/uploads/");
    URI upload =
        location(
            begin,
            session.send(
                "POST",
                begin,
                turn -> turn.client().post(begin, new byte[0], BYTES, turn.scopes(), turn)));
    URI whole =
        URI.create(
            upload + (upload.getRawQuery() == null ? "?" : "&") + "digest=" + blob.getDigest());
    requireStatus(
        201,
        session.send(
            "PUT",
            whole,
            turn -> {
              try (InputStream body = content.open(turn)) {
                return turn.client().upload(whole, size, BYTES, () -> body, turn.scopes(), turn);
              }
            }));
  }

  /** Where a registry wants what was begun; a relative address is one from here. */
  private URI location(URI begin, ResponseWrapper<String> begun) {
    requireStatus(202, begun);
    String wanted = begun.headers().getOrDefault("location", "");
    try {
      URI location = begin.resolve(wanted);
      if (!wanted.isEmpty()
          && location.getHost() != null
          && (Http.isSecure(location) || !Http.isSecure(begin))) {
        return location;
      }
    } catch (IllegalArgumentException notOne) {
      // Said below.
    }
    throw refused("the registry wants the content at '" + wanted + "'");
  }

  private void manifest(Manifest manifest) {
    URI at = session.reference().at("manifests/" + session.reference().reference());
    byte[] content = manifest.toJson().getBytes(StandardCharsets.UTF_8);
    var type = Map.of(Const.CONTENT_TYPE_HEADER, Const.DEFAULT_MANIFEST_MEDIA_TYPE);
    requireStatus(
        201,
        session.send("PUT", at, turn -> turn.client().put(at, content, type, turn.scopes(), turn)));
  }

  private void requireStatus(int wanted, ResponseWrapper<String> answer) {
    if (answer.statusCode() == wanted) {
      return;
    }
    VmException refused = DownloadFailures.ofStatus(session.reference().url(), answer.statusCode());
    throw refused.code() == ErrorCode.IMAGE_ACCESS_DENIED
        ? refused
        : refused("the registry answered HTTP " + answer.statusCode());
  }

  private VmException refused(String why) {
    return new VmException(
        ErrorCode.OCI_PUSH_FAILED,
        "cannot push to " + session.reference().url().shown() + ": " + why,
        "check the name, and that you may write there");
  }

  /** The content of an image on its way, telling how much of it is gone. */
  private static final class Reported extends FilterInputStream {
    private final long size;
    private final ImportTask task;
    private final OrasClient.Turn turn;
    private long done;

    Reported(InputStream content, long size, ImportTask task, OrasClient.Turn turn) {
      super(content);
      this.size = size;
      this.task = task;
      this.turn = turn;
    }

    @Override
    public int read(byte[] target, int offset, int length) throws IOException {
      turn.alive();
      int count = super.read(target, offset, length);
      done += Math.max(count, 0);
      task.report("uploading", done, size);
      return count;
    }
  }
}
