package dev.vmctl.cli;

import java.util.Collection;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/**
 * How a line of progress is laid out: a name, what is being done, with a bar where it says how much
 * of it is done, and the time that stands behind it.
 *
 * @param nameWidth of the column of names
 * @param columns of the terminal
 */
record ProgressLine(int nameWidth, int columns) {
  private static final Pattern PART_DONE =
      Pattern.compile("(\\p{L}+) ((\\d{1,3}) % of [^:]*)(.*)", Pattern.DOTALL);
  private static final int LONGEST_BAR = 20;
  private static final int SHORTEST_BAR = 5;
  private static final int BRACKETS = "[] ".length();
  private static final int GAP = 2;

  /** A layout in which these names leave room for the rest. */
  static ProgressLine of(Collection<String> names, int columns) {
    int most = Math.max(8, columns / 4);
    int longest = names.stream().mapToInt(name -> brief(name, most).length()).max().orElse(0);
    return new ProgressLine(Math.min(longest, most), columns);
  }

  /** Of a long path or URL the last part. */
  private static String brief(String name, int most) {
    String last = name.substring(name.lastIndexOf('/') + 1);
    return name.length() <= most || last.isEmpty() ? name : last;
  }

  /** The name and the gap behind it; of a long one the end tells more. */
  String name(String name) {
    String brief = brief(name, nameWidth);
    String shown =
        brief.length() <= nameWidth ? brief : "…" + brief.substring(brief.length() - nameWidth + 1);
    return shown + " ".repeat(nameWidth - shown.length() + GAP);
  }

  /**
   * What is being done, as far as it fits: a line that the terminal breaks could not be drawn over.
   *
   * @param behind length of what stands behind it
   */
  String phase(String phase, int behind) {
    int room = Math.max(1, columns - 1 - nameWidth - GAP - GAP - behind);
    String line = phase.replaceAll("\\p{Cntrl}+", " ");
    Matcher part = PART_DONE.matcher(line);
    return fitting(part.matches() ? withBar(part, room) : line, room);
  }

  /** The bar takes the place of the word, and gives way itself to the figures, which tell more. */
  private static String withBar(Matcher part, int room) {
    String word = part.group(1) + " ";
    String figures = part.group(2);
    int left = room - figures.length() - BRACKETS;
    int withWord = left - word.length();
    int width = Math.min(LONGEST_BAR, withWord >= LONGEST_BAR ? withWord : left);
    String bar = width < SHORTEST_BAR ? "" : bar(Integer.parseInt(part.group(3)), width);
    return (withWord >= LONGEST_BAR ? word : "") + bar + figures + part.group(4);
  }

  private static String bar(int percent, int width) {
    int done = Math.min(100, percent) * width / 100;
    return "[" + "#".repeat(done) + "-".repeat(width - done) + "] ";
  }

  private static String fitting(String text, int room) {
    return text.length() <= room ? text : text.substring(0, room - 1) + "…";
  }
}
