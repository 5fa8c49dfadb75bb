package dev.vmctl.image;

import dev.vmctl.model.VmException;
import java.io.IOException;
import java.io.InputStream;
import java.util.LinkedHashMap;
import java.util.Map;
import java.util.Optional;
import java.util.function.LongConsumer;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * The body of a download from some offset on. When it breaks off it is asked for again from where
 * it was, if the server can tell that it is still the same content. Its failures are {@link
 * BrokenOffException}s, so that they can be told from those of what decodes the stream.
 */
final class ResumingStream extends InputStream {
  private static final Pattern CONTENT_RANGE = Pattern.compile("bytes (\\d+)-\\d+/(\\d+|\\*)");

  private final Origin origin;
  private final Resume resume;
  private final DownloadLimits limits;
  private final LongConsumer received;
  private @Nullable HttpAnswer answer;
  private @Nullable InputStream body;
  private long position;
  private int failures;

  /**
   * @param resume what the whole of it is
   * @param position where the answer's body begins
   * @param received told of each piece how many bytes it has
   */
  ResumingStream(
      Origin origin,
      Resume resume,
      DownloadLimits limits,
      HttpAnswer answer,
      long position,
      LongConsumer received) {
    this.origin = origin;
    this.resume = resume;
    this.limits = limits;
    this.answer = answer;
    this.position = position;
    this.received = received;
  }

  /** Headers that ask for the rest from an offset on, if the content is still the same. */
  static Map<String, String> rangeFrom(long offset, Resume resume) {
    Map<String, String> headers = new LinkedHashMap<>();
    headers.put("Range", "bytes=" + offset + "-");
    Optional.ofNullable(resume.validators())
        .flatMap(Validators::ofRange)
        .ifPresent(proof -> headers.put("If-Range", proof));
    return headers;
  }

  /** Whether an answer is the rest from this offset on of what was begun. */
  static boolean continues(HttpAnswer answer, long offset, Resume resume) {
    Matcher range = CONTENT_RANGE.matcher(answer.header("Content-Range").orElse(""));
    return answer.status() == 206
        && range.matches()
        && range.group(1).equals(Long.toString(offset))
        && (resume.totalBytes() < 0
            || range.group(2).equals("*")
            || range.group(2).equals(Long.toString(resume.totalBytes())));
  }

  @Override
  public int read() throws IOException {
    byte[] one = new byte[1];
    return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
  }

  @Override
  public int read(byte[] target, int offset, int length) throws IOException {
    while (true) {
      try {
        int count = current().read(target, offset, length);
        if (count >= 0) {
          position += count;
          received.accept(count);
          failures = 0;
          return count;
        }
        if (position >= resume.totalBytes()) {
          return -1;
        }
        throw new IOException("the connection was closed early");
      } catch (ContentChangedException e) {
        throw e;
      } catch (IOException e) {
        again(e);
      }
    }
  }

  @Override
  public int available() throws IOException {
    return body == null ? 0 : body.available();
  }

  private InputStream current() throws IOException {
    if (body == null) {
      HttpAnswer live = answer == null ? reopen() : answer;
      answer = live;
      body = live.body();
    }
    return body;
  }

  private HttpAnswer reopen() throws IOException {
    HttpAnswer fresh;
    try {
      fresh = origin.get(rangeFrom(position, resume));
    } catch (VmException e) {
      if (!DownloadFailures.isTransfer(e)) {
        throw e;
      }
      throw new IOException(e.getMessage(), e);
    }
    if (continues(fresh, position, resume)) {
      return fresh;
    }
    int status = fresh.status();
    fresh.close();
    if (status == 200 || status == 206 || status == 416) {
      throw new ContentChangedException();
    }
    VmException refused = DownloadFailures.ofStatus(origin.url(), status);
    if (!DownloadFailures.isTransfer(refused)) {
      throw refused;
    }
    throw new IOException("HTTP " + status, refused);
  }

  /** Prepares another attempt, or gives up. */
  private void again(IOException cause) throws IOException {
    closeCurrent();
    failures++;
    if (!resume.isPossible() || failures > limits.tries() || Thread.interrupted()) {
      throw DownloadFailures.brokenOff(position, limits, cause);
    }
    try {
      Thread.sleep(limits.pause().multipliedBy(1L << Math.min(failures - 1, 6)));
    } catch (InterruptedException e) {
      Thread.currentThread().interrupt();
      throw new BrokenOffException("was interrupted after " + position + " bytes", e);
    }
  }

  private void closeCurrent() {
    if (answer != null) {
      answer.close();
    }
    answer = null;
    body = null;
  }

  @Override
  public void close() {
    closeCurrent();
  }
}
