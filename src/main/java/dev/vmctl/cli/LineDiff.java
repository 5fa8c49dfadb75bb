package dev.vmctl.cli;

import java.util.ArrayList;
import java.util.List;

/** The difference of two texts in the unified format, found line by line. */
final class LineDiff {
  private static final int CONTEXT = 3;

  /** Lines beyond which a stretch that differs is shown as replaced altogether. */
  private static final int MOST = 4000;

  private final List<String> before;
  private final List<String> after;

  /** Each line of the result with its sign: space, minus or plus. */
  private final List<String> all = new ArrayList<>();

  LineDiff(String before, String after) {
    this.before = before.lines().toList();
    this.after = after.lines().toList();
    compare();
  }

  private void compare() {
    int start = 0;
    int most = Math.min(before.size(), after.size());
    while (start < most && before.get(start).equals(after.get(start))) {
      start++;
    }
    int end = 0;
    while (end < most - start
        && before.get(before.size() - 1 - end).equals(after.get(after.size() - 1 - end))) {
      end++;
    }
    before.subList(0, start).forEach(line -> all.add(" " + line));
    middle(before.subList(start, before.size() - end), after.subList(start, after.size() - end));
    before.subList(before.size() - end, before.size()).forEach(line -> all.add(" " + line));
  }

  /** By the longest common subsequence. */
  private void middle(List<String> old, List<String> young) {
    if ((long) old.size() * young.size() > (long) MOST * MOST) {
      old.forEach(line -> all.add("-" + line));
      young.forEach(line -> all.add("+" + line));
      return;
    }
    int[][] common = new int[old.size() + 1][young.size() + 1];
    for (int i = old.size() - 1; i >= 0; i--) {
      for (int j = young.size() - 1; j >= 0; j--) {
        common[i][j] =
            old.get(i).equals(young.get(j))
                ? common[i + 1][j + 1] + 1
                : Math.max(common[i + 1][j], common[i][j + 1]);
      }
    }
    int i = 0;
    int j = 0;
    while (i < old.size() || j < young.size()) {
      if (i < old.size() && j < young.size() && old.get(i).equals(young.get(j))) {
        all.add(" " + old.get(i++));
        j++;
      } else if (i < old.size() && (j == young.size() || common[i + 1][j] >= common[i][j + 1])) {
        all.add("-" + old.get(i++));
      } else {
        all.add("+" + young.get(j++));
      }
    }
  }

  /** The hunks under a heading; empty when no line differs. */
  String unified(String name) {
    StringBuilder out = new StringBuilder();
    int oldLine = 1;
    int newLine = 1;
    for (int at = 0; at < all.size(); ) {
      int first = nextChange(at);
      int start = Math.max(at, first - CONTEXT);
      oldLine += start - at;
      newLine += start - at;
      if (first == all.size()) {
        break;
      }
      int end = endOfHunk(first);
      List<String> hunk = all.subList(start, end);
      int old = (int) hunk.stream().filter(line -> line.charAt(0) != '+').count();
      int young = (int) hunk.stream().filter(line -> line.charAt(0) != '-').count();
      out.append("@@ -%d,%d +%d,%d @@\n".formatted(oldLine, old, newLine, young));
      hunk.forEach(line -> out.append(line).append('\n'));
      oldLine += old;
      newLine += young;
      at = end;
    }
    return out.isEmpty() ? "" : "--- " + name + "\n+++ " + name + "\n" + out;
  }

  private int nextChange(int from) {
    int at = from;
    while (at < all.size() && all.get(at).charAt(0) == ' ') {
      at++;
    }
    return at;
  }

  private int endOfHunk(int from) {
    int last = from;
    for (int at = from; at < all.size() && at <= last + 2 * CONTEXT; at++) {
      if (all.get(at).charAt(0) != ' ') {
        last = at;
      }
    }
    return Math.min(all.size(), last + 1 + CONTEXT);
  }
}
