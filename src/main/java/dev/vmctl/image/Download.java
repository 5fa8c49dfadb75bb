package dev.vmctl.image;

import dev.vmctl.Version;
import dev.vmctl.host.AtomicFiles;
import java.io.IOException;
import java.io.InputStream;
import java.net.http.HttpClient;
import java.net.http.HttpRequest;
import java.net.http.HttpResponse;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/** Fetches an image by http or https: one pass from the network through the digest to the file. */
final class Download {
  private static final int BUFFER = 1 << 20;

  /**
   * What the server said of the content, to ask later whether it changed.
   *
   * @param etag its tag
   * @param lastModified its date, as the server wrote it
   */
  record Validators(@Nullable String etag, @Nullable String lastModified) {}

  /** An image that arrived. */
  record Arrived(String digest, Validators validators) {}

  private final DownloadLimits limits;

  Download(DownloadLimits limits) {
    this.limits = limits;
  }

  /**
   * Fetches to {@code part}, durably.
   *
   * @param known what the cached content had; when the server says that it is unchanged, the answer
   *     is empty
   */
  Optional<Arrived> fetch(ImageUrl url, Optional<Validators> known, Path part, ImportTask task)
      throws InterruptedException {
    // A client of its own for each download: they are rare, and it leaves no threads behind.
    try (HttpClient client = client()) {
      try {
        return fetch(client, url, known, part, task);
      } finally {
        client.shutdownNow();
      }
    }
  }

  private HttpClient client() {
    return HttpClient.newBuilder()
        .connectTimeout(limits.connect())
        // At most five, and never from https to http.
        .followRedirects(HttpClient.Redirect.NORMAL)
        .version(HttpClient.Version.HTTP_1_1)
        .build();
  }

  private Optional<Arrived> fetch(
      HttpClient client, ImageUrl url, Optional<Validators> known, Path part, ImportTask task)
      throws InterruptedException {
    Received progress = new Received(task);
    HttpResponse<InputStream> response;
    try {
      response =
          client.send(
              request(url, known),
              info -> {
                progress.total = info.headers().firstValueAsLong("Content-Length").orElse(-1);
                return new BodyStream(limits.stalled(), progress::report);
              });
    } catch (IOException e) {
      throw DownloadFailures.ofConnection(url, e);
    }
    try (InputStream body = response.body()) {
      if (response.statusCode() == 304 && known.isPresent()) {
        return Optional.empty();
      }
      if (response.statusCode() != 200) {
        throw DownloadFailures.ofStatus(url, response.statusCode());
      }
      requireSpace(url, progress.total, part);
      String digest = receive(url, body, part);
      return Optional.of(
          new Arrived(
              digest,
              new Validators(
                  response.headers().firstValue("ETag").orElse(null),
                  response.headers().firstValue("Last-Modified").orElse(null))));
    } catch (IOException e) {
      throw DownloadFailures.ofContent(url, "", e);
    }
  }

  private HttpRequest request(ImageUrl url, Optional<Validators> known) {
    HttpRequest.Builder request =
        HttpRequest.newBuilder(url.address())
            .timeout(limits.stalled())
            .header("User-Agent", "vmctl/" + Version.CURRENT)
            .header("Accept", "*/*");
    known.ifPresent(
        validators -> {
          if (validators.etag() != null) {
            request.header("If-None-Match", validators.etag());
          }
          if (validators.lastModified() != null) {
            request.header("If-Modified-Since", validators.lastModified());
          }
        });
    return request.build();
  }

  private static void requireSpace(ImageUrl url, long length, Path part) throws IOException {
    Path directory = part.toAbsolutePath().getParent();
    long free = Files.getFileStore(directory == null ? part : directory).getUsableSpace();
    if (length > free) {
      throw DiskSpace.missing(url.shown(), length, free, part);
    }
  }

  private static String receive(ImageUrl url, InputStream body, Path part) {
    try (SparseWriter out = new SparseWriter(part)) {
      Decompression.Opened opened = open(url, body);
      byte[] buffer = new byte[BUFFER];
      for (int count = read(url, opened, buffer); count > 0; count = read(url, opened, buffer)) {
        out.write(buffer, count);
      }
      return out.finish();
    } catch (IOException e) {
      throw AtomicFiles.failure("write", part, e);
    }
  }

  private static Decompression.Opened open(ImageUrl url, InputStream body) {
    try {
      return Decompression.open(body, url);
    } catch (IOException e) {
      throw DownloadFailures.ofContent(url, "", e);
    }
  }

  private static int read(ImageUrl url, Decompression.Opened opened, byte[] buffer) {
    try {
      return opened.image().readNBytes(buffer, 0, buffer.length);
    } catch (IOException e) {
      throw DownloadFailures.ofContent(url, opened.way().text(), e);
    }
  }

  /** Counts what came over the network, which is less than what is written. */
  private static final class Received {
    private final ImportTask task;
    // Set by the client's thread before the reading one can begin.
    private volatile long total = -1;

    Received(ImportTask task) {
      this.task = task;
    }

    void report(long bytes) {
      task.report("downloading", bytes, total);
    }
  }
}
