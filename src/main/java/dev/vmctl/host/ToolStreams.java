package dev.vmctl.host;

import java.io.ByteArrayOutputStream;
import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.concurrent.CompletableFuture;
import java.util.concurrent.ExecutionException;
import java.util.concurrent.TimeUnit;
import java.util.concurrent.TimeoutException;

/**
 * The three streams of a running tool, each served by a thread of its own: a tool that fills its
 * stderr while we read its stdout would otherwise stop.
 */
final class ToolStreams {
  private static final int MAXIMUM_BYTES = 16 * 1024 * 1024;
  private static final long AFTER_EXIT_SECONDS = 2;

  private final Process process;
  private final CompletableFuture<byte[]> output;
  private final CompletableFuture<byte[]> errors;

  ToolStreams(Process process, String input) {
    this.process = process;
    output = collect(process.getInputStream());
    errors = collect(process.getErrorStream());
    platformThread(() -> feed(process.getOutputStream(), input));
  }

  /**
   * @throws TimeoutException when a process the tool left behind keeps the streams open
   * @throws IOException when it wrote more than we hold
   */
  ToolResult result(int exitCode) throws IOException, InterruptedException, TimeoutException {
    return new ToolResult(exitCode, text(output), text(errors));
  }

  private static String text(CompletableFuture<byte[]> stream)
      throws IOException, InterruptedException, TimeoutException {
    try {
      byte[] bytes = stream.get(AFTER_EXIT_SECONDS, TimeUnit.SECONDS);
      return new String(bytes, StandardCharsets.UTF_8);
    } catch (ExecutionException e) {
      throw new IOException(String.valueOf(e.getMessage()), e);
    }
  }

  private CompletableFuture<byte[]> collect(InputStream stream) {
    CompletableFuture<byte[]> collected = new CompletableFuture<>();
    platformThread(
        () -> {
          try {
            collected.complete(readBounded(stream));
          } catch (IOException e) {
            // The tool would block on a pipe nobody reads.
            process.destroyForcibly();
            collected.completeExceptionally(e);
          }
        });
    return collected;
  }

  /** Reads of a pipe are file reads to the JDK: they would hold the carrier of a virtual thread. */
  private void platformThread(Runnable task) {
    Thread.ofPlatform().daemon().name("tool-" + process.pid()).start(task);
  }

  private static byte[] readBounded(InputStream stream) throws IOException {
    ByteArrayOutputStream bytes = new ByteArrayOutputStream();
    byte[] buffer = new byte[8192];
    for (int count = stream.read(buffer); count >= 0; count = stream.read(buffer)) {
      if (bytes.size() + count > MAXIMUM_BYTES) {
        throw new IOException("it wrote more than " + MAXIMUM_BYTES + " bytes");
      }
      bytes.write(buffer, 0, count);
    }
    return bytes.toByteArray();
  }

  private static void feed(OutputStream stream, String input) {
    try (stream) {
      stream.write(input.getBytes(StandardCharsets.UTF_8));
    } catch (IOException e) {
      // A tool may end without reading all of its input; its exit code tells whether it minded.
    }
  }
}
