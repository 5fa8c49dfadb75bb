package dev.vmctl.kdl;

import java.nio.ByteBuffer;
import java.nio.CharBuffer;
import java.nio.charset.CharsetDecoder;
import java.nio.charset.CodingErrorAction;
import java.nio.charset.StandardCharsets;

/**
 * Decodes bytes; what is not UTF-8 becomes U+FFFD and a problem (section "Document").
 *
 * @param source the text
 */
record Utf8(KdlSource source, Problems problems) {
  private static final char REPLACEMENT = '\uFFFD';

  static Utf8 decode(byte[] bytes, String name) {
    Problems problems = new Problems();
    if (bytes.length >= 2
        && ((bytes[0] == (byte) 0xFF && bytes[1] == (byte) 0xFE)
            || (bytes[0] == (byte) 0xFE && bytes[1] == (byte) 0xFF))) {
      return wideText(name, problems);
    }
    String text = new String(bytes, StandardCharsets.UTF_8);
    KdlSource source = new KdlSource(name, text);
    if (text.indexOf(REPLACEMENT) >= 0) {
      findErrors(bytes, source, problems);
    }
    return new Utf8(source, problems);
  }

  private static Utf8 wideText(String name, Problems problems) {
    KdlSource source = new KdlSource(name, "");
    String help = "save the file as UTF-8";
    problems.add(
        new KdlProblem(
            KdlProblem.Code.ENCODING, "this file is UTF-16", new KdlSpan(source, 0, 0, 0), help));
    return new Utf8(source, problems);
  }

  /** Decodes once more, stopping at each error; replaces as the decoding before did. */
  private static void findErrors(byte[] bytes, KdlSource source, Problems problems) {
    CharsetDecoder decoder =
        StandardCharsets.UTF_8
            .newDecoder()
            .onMalformedInput(CodingErrorAction.REPORT)
            .onUnmappableCharacter(CodingErrorAction.REPORT);
    ByteBuffer in = ByteBuffer.wrap(bytes);
    CharBuffer out = CharBuffer.allocate(source.text().length());
    while (true) {
      var result = decoder.decode(in, out, true);
      if (!result.isError()) {
        return;
      }
      int at = out.position();
      problems.add(
          new KdlProblem(
              KdlProblem.Code.ENCODING,
              "byte %d, 0x%02X, is not UTF-8".formatted(in.position(), in.get(in.position())),
              new KdlSpan(source, at, at, at + 1),
              "save the file as UTF-8"));
      in.position(in.position() + result.length());
      out.put(REPLACEMENT);
    }
  }
}
