package dev.vmctl.cli;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.function.Consumer;

/** Cuts bytes that come in pieces into lines of text, without their ends. */
final class Lines {
  private static final int LONGEST = 8 * 1024;

  private final Consumer<String> consumer;
  private final ByteArrayOutputStream begun = new ByteArrayOutputStream();

  Lines(Consumer<String> consumer) {
    this.consumer = consumer;
  }

  void add(byte[] piece) {
    for (byte each : piece) {
      if (each == '\n') {
        emit();
      } else {
        begun.write(each);
        if (begun.size() >= LONGEST) {
          emit();
        }
      }
    }
  }

  /** Hands out a last line that was not ended. */
  void end() {
    if (begun.size() > 0) {
      emit();
    }
  }

  private void emit() {
    String line = begun.toString(StandardCharsets.UTF_8);
    begun.reset();
    consumer.accept(line.endsWith("\r") ? line.substring(0, line.length() - 1) : line);
  }
}
