package dev.vmctl.hypervisor.qmp;

import com.fasterxml.jackson.core.JsonParser;
import com.fasterxml.jackson.core.JsonToken;
import com.fasterxml.jackson.databind.node.ObjectNode;
import java.io.IOException;
import java.io.InputStream;
import org.jspecify.annotations.Nullable;

/**
 * Cuts a stream of bytes into JSON objects, one after the other, wherever the reads happen to split
 * it, and bounds how large one may be.
 */
final class QmpMessages {
  static final int MAXIMUM_MESSAGE_BYTES = 64 * 1024 * 1024;

  private final BoundedInput input;
  private final JsonParser parser;

  QmpMessages(InputStream source) throws IOException {
    input = new BoundedInput(source);
    parser = QmpJson.FACTORY.createParser(input);
  }

  /**
   * The next message; null at the end of the stream between two messages.
   *
   * @throws IOException when the stream fails or ends in mid-message, and for what is no JSON
   *     object, no UTF-8, or too large
   */
  @Nullable ObjectNode next() throws IOException {
    input.messageStartsAt(parser.currentLocation().getByteOffset());
    JsonToken first = parser.nextToken();
    if (first == null) {
      return null;
    }
    if (first != JsonToken.START_OBJECT) {
      throw new IOException("a message that is no JSON object (it starts with " + first + ")");
    }
    return QmpJson.object(parser);
  }

  /** Fails once a message has taken more than its share. */
  private static final class BoundedInput extends InputStream {
    private final InputStream source;
    private long total;
    private long messageStart;

    BoundedInput(InputStream source) {
      this.source = source;
    }

    void messageStartsAt(long offset) {
      messageStart = offset;
    }

    @Override
    public int read() throws IOException {
      byte[] one = new byte[1];
      return read(one, 0, 1) < 0 ? -1 : one[0] & 0xff;
    }

    @Override
    public int read(byte[] bytes, int offset, int length) throws IOException {
      if (total - messageStart > MAXIMUM_MESSAGE_BYTES) {
        throw new IOException("a message of more than " + MAXIMUM_MESSAGE_BYTES + " bytes");
      }
      int count = source.read(bytes, offset, length);
      total += Math.max(count, 0);
      return count;
    }
  }
}
