package dev.vmctl.guest;

import java.io.IOException;
import java.io.InputStream;
import java.io.OutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * Asks an HTTP server for one page over any two streams, one of which may lead through SSH, and
 * looks at the status only.
 */
final class HttpLook {
  private static final Pattern STATUS = Pattern.compile("HTTP/\\d(?:\\.\\d)? (\\d{3})(?: .*)?");
  private static final int LONGEST_LINE = 1000;

  private HttpLook() {}

  /** What is wrong; empty for a status of 200 to 399. */
  static Optional<String> get(InputStream in, OutputStream out, String path, int port)
      throws IOException {
    String request =
        "GET "
            + path
            + " HTTP/1.1\r\nHost: localhost:"
            + port
            + "\r\nUser-Agent: vmctl\r\nAccept: */*\r\nConnection: close\r\n\r\n";
    out.write(request.getBytes(StandardCharsets.US_ASCII));
    out.flush();
    String line = firstLine(in);
    Matcher status = STATUS.matcher(line);
    if (!status.matches()) {
      return Optional.of(
          line.isEmpty() ? "nothing answers" : "what answers does not speak HTTP: '" + line + "'");
    }
    int code = Integer.parseInt(status.group(1));
    return code >= 200 && code < 400 ? Optional.empty() : Optional.of("it answers " + line);
  }

  private static String firstLine(InputStream in) throws IOException {
    StringBuilder line = new StringBuilder();
    int next;
    while ((next = in.read()) >= 0 && next != '\n' && line.length() < LONGEST_LINE) {
      line.append((char) next);
    }
    return OutputTail.printable(line.toString()).strip();
  }
}
