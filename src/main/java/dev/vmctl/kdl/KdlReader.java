package dev.vmctl.kdl;

import java.util.ArrayList;
import java.util.Comparator;
import java.util.List;

/**
 * Reads KDL.
 *
 * <p>A version marker decides which version of the language a text is in. Without one it is read as
 * KDL 2 and, if that fails, as KDL 1, which no text can be with another meaning (section
 * "Compatibility"). If both fail the problems are those of KDL 2.
 *
 * <p>Several problems of one text are found at once: reading goes on with the next node. Whatever a
 * text contains, the result is a document, problems or both, never an exception. Blocks may be
 * nested 128 deep.
 */
public final class KdlReader {
  private KdlReader() {}

  /** Reads a text; {@code name} is what messages call it, such as a path. */
  public static KdlParse parse(String text, String name) {
    return parse(new KdlSource(name, text), List.of());
  }

  /** Reads a file's bytes. */
  public static KdlParse parse(byte[] bytes, String name) {
    Utf8 decoded = Utf8.decode(bytes, name);
    return parse(decoded.source(), decoded.problems().list());
  }

  private static KdlParse parse(KdlSource source, List<KdlProblem> encoding) {
    KdlVersion marked = VersionMarker.find(source.text()).version();
    KdlParse result = parseAs(source, marked == null ? KdlVersion.V2 : marked);
    if (marked == null && !result.isValid()) {
      KdlParse older = parseAs(source, KdlVersion.V1);
      result = older.isValid() ? older : result;
    }
    if (encoding.isEmpty()) {
      return result;
    }
    return new KdlParse(result.document(), inOrder(encoding, result.problems()));
  }

  /** Reads a text as that version, whatever its marker says. */
  static KdlParse parseAs(KdlSource source, KdlVersion version) {
    Problems characters = new Problems();
    DisallowedCharacters.find(source, version, characters);
    Problems grammar = new Problems();
    int start = VersionMarker.find(source.text()).end();
    Cursor cursor = new Cursor(source, start, source.text().length(), version, grammar);
    KdlDocument document = new NodeParser(cursor).document(new KdlSpan(source, 0, 0, start));
    return new KdlParse(document, inOrder(characters.list(), grammar.list()));
  }

  private static List<KdlProblem> inOrder(List<KdlProblem> some, List<KdlProblem> others) {
    List<KdlProblem> all = new ArrayList<>(some);
    all.addAll(others);
    all.sort(Comparator.comparingInt(problem -> problem.span().start()));
    return all;
  }
}
