package dev.vmctl.image;

import dev.vmctl.host.AtomicFiles;
import dev.vmctl.model.VmException;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Fetches an image: one pass from the network through the digest and the decompression to the file,
 * each in a thread of its own. What has arrived when it breaks off is kept, and the next attempt,
 * be it in another process, goes on from there.
 */
final class Download {
  private static final int ATTEMPTS = 3;

  /**
   * An image that arrived.
   *
   * @param file where it is
   * @param digest of the image
   * @param published digest of what was transferred; another one where that is compressed
   */
  record Arrived(Path file, String digest, String published, @Nullable Validators validators) {}

  private final Partial partial;
  private final DownloadLimits limits;
  private final ImageHost host;

  Download(CacheLayout layout, DownloadLimits limits, ImageHost host) {
    this.partial = new Partial(layout);
    this.limits = limits;
    this.host = host;
  }

  /**
   * Fetches into the parts of this key, durably.
   *
   * @param known what the cached content had; when the server says that it is unchanged, the answer
   *     is empty
   * @throws VmException with nothing left behind, unless the next attempt can go on from it
   */
  Optional<Arrived> fetch(Origin origin, String key, Optional<Validators> known, ImportTask task) {
    for (int attempt = 1; ; attempt++) {
      try {
        return attempt(origin, key, known, task);
      } catch (ContentChangedException e) {
        partial.discard(key);
        if (attempt == ATTEMPTS) {
          throw DownloadFailures.failed(
              origin.url(), DownloadFailures.reason(e), "try again when it has settled", e);
        }
      }
    }
  }

  private Optional<Arrived> attempt(
      Origin origin, String key, Optional<Validators> known, ImportTask task)
      throws ContentChangedException {
    Optional<Resume> begun = partial.read(key).filter(resume -> resume.isOf(origin, host.bootId()));
    long kept = begun.isPresent() ? partial.bytes(key) : 0;
    if (begun.isPresent() && kept > 0) {
      if (kept == begun.get().totalBytes()) {
        return Optional.of(receive(origin, key, begun.get(), kept, null, task));
      }
      try (HttpAnswer answer = origin.get(ResumingStream.rangeFrom(kept, begun.get()))) {
        if (ResumingStream.continues(answer, kept, begun.get())) {
          return Optional.of(receive(origin, key, begun.get(), kept, answer, task));
        }
        if (answer.status() == 200) {
          return Optional.of(fromTheStart(origin, key, answer, task));
        }
        if (answer.status() != 416 && answer.status() != 206) {
          throw DownloadFailures.ofStatus(origin.url(), answer.status());
        }
      }
    }
    try (HttpAnswer answer = origin.get(conditional(known))) {
      return answer.status() == 304 && known.isPresent()
          ? Optional.empty()
          : Optional.of(fromTheStart(origin, key, answer, task));
    }
  }

  private Arrived fromTheStart(Origin origin, String key, HttpAnswer answer, ImportTask task)
      throws ContentChangedException {
    if (answer.status() != 200) {
      throw DownloadFailures.ofStatus(origin.url(), answer.status());
    }
    partial.discard(key);
    Resume resume = Resume.of(host.bootId(), origin, answer);
    if (resume.isPossible()) {
      partial.write(key, resume);
    }
    return receive(origin, key, resume, 0, answer, task);
  }

  private static Map<String, String> conditional(Optional<Validators> known) {
    Map<String, String> headers = new LinkedHashMap<>();
    known.map(Validators::etag).ifPresent(etag -> headers.put("If-None-Match", etag));
    known.map(Validators::lastModified).ifPresent(at -> headers.put("If-Modified-Since", at));
    return headers;
  }

  /**
   * @param answer whose body goes on from {@code kept}; null when all has arrived already
   */
  private Arrived receive(
      Origin origin,
      String key,
      Resume resume,
      long kept,
      @Nullable HttpAnswer answer,
      ImportTask task)
      throws ContentChangedException {
    boolean keep = false;
    requireSpace(origin.url(), resume.totalBytes() - kept, partial.wire(key));
    try (WireFile wire = new WireFile(partial.wire(key), kept, resume.totalBytes(), task)) {
      try (ReadAhead network = network(origin, resume, answer, kept)) {
        Arrived arrived = unpack(origin, key, resume, wire, network, task);
        keep = true;
        return arrived;
      } catch (ImportCancelledException e) {
        keep = resume.isPossible();
        throw e;
      } catch (VmException e) {
        keep = resume.isPossible() && DownloadFailures.isTransfer(e);
        throw e;
      } finally {
        if (keep) {
          wire.keep();
        }
      }
    } catch (ContentChangedException e) {
      throw e;
    } catch (IOException e) {
      throw DownloadFailures.ofBody(origin.url(), e);
    } finally {
      if (!keep) {
        partial.discard(key);
      }
    }
  }

  private ReadAhead network(Origin origin, Resume resume, @Nullable HttpAnswer answer, long kept) {
    return new ReadAhead(
        answer == null
            ? InputStream.nullInputStream()
            : new ResumingStream(origin, resume, limits, answer, kept, host.received()),
        Thread.ofVirtual().name("image-network"));
  }

  private Arrived unpack(
      Origin origin, String key, Resume resume, WireFile wire, ReadAhead network, ImportTask task)
      throws IOException {
    String source = origin.url().shown();
    try {
      WireFile.Arriving in = wire.through(network);
      byte[] head = in.readNBytes(ForeignFormats.HEAD_BYTES);
      Decompression way = Decompression.of(head);
      if (way != Decompression.NONE) {
        String digest = Unpacking.unpack(way, head, in, partial.part(key), source, task);
        return new Arrived(partial.part(key), digest, wire.digest(), resume.validators());
      }
      Decompression.requireImage(head, source);
      wire.isImage();
      in.drain();
      String digest = wire.finish();
      return new Arrived(partial.wire(key), digest, digest, resume.validators());
    } catch (BrokenOffException e) {
      task.checkWaitedFor();
      throw DownloadFailures.ofBody(origin.url(), e);
    }
  }

  private static void requireSpace(ImageUrl url, long needed, Path part) {
    try {
      Path directory = part.toAbsolutePath().getParent();
      long free = Files.getFileStore(directory == null ? part : directory).getUsableSpace();
      if (needed > free) {
        throw DiskSpace.missing(url.shown(), needed, free, part);
      }
    } catch (IOException e) {
      throw AtomicFiles.failure("look at the file system of", part, e);
    }
  }
}
