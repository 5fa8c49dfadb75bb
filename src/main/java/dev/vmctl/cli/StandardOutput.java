package dev.vmctl.cli;

import java.io.BufferedOutputStream;
import java.io.FilterOutputStream;
import java.io.IOException;
import java.io.OutputStream;
import java.io.PrintStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import org.jspecify.annotations.Nullable;

/**
 * Where data goes: UTF-8 whatever the locale, and buffered until it is flushed. Unlike other print
 * streams it remembers why something could not be written, which must not pass for success.
 */
final class StandardOutput extends PrintStream {
  private static final int BUFFER = 16 * 1024;

  private final Sink sink;

  StandardOutput(OutputStream target) {
    this(new Sink(target));
  }

  private StandardOutput(Sink sink) {
    super(new BufferedOutputStream(sink, BUFFER), false, StandardCharsets.UTF_8);
    this.sink = sink;
  }

  /** Why not all was written; empty too when the reader has gone, as head does: it has enough. */
  Optional<String> loss() {
    IOException failure = sink.failure;
    if (failure == null || "Broken pipe".equals(failure.getMessage())) {
      return Optional.empty();
    }
    return Optional.of(String.valueOf(failure.getMessage()));
  }

  private static final class Sink extends FilterOutputStream {
    private volatile @Nullable IOException failure;

    Sink(OutputStream target) {
      super(target);
    }

    @Override
    public void write(byte[] bytes, int offset, int length) throws IOException {
      try {
        out.write(bytes, offset, length);
      } catch (IOException lost) {
        failure = lost;
        throw lost;
      }
    }
  }
}
