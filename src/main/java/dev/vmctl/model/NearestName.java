package dev.vmctl.model;

import java.util.Collection;
import java.util.Comparator;
import java.util.List;
import java.util.Locale;
import java.util.Optional;

/** Guesses which known name somebody meant. */
public final class NearestName {
  private static final int LONGEST = 40;
  private static final int SHORTEST_PREFIX = 3;
  private static final int MOST = 3;

  private NearestName() {}

  /** The known name that is nearest to what was written; empty if none is near. */
  public static Optional<String> of(String written, Collection<String> known) {
    if (written.isEmpty() || written.length() > LONGEST) {
      return Optional.empty();
    }
    String plain = written.toLowerCase(Locale.ROOT).replace('_', '-');
    String best = null;
    int least = Math.clamp(plain.length() / 3, 1, 3) + 1;
    for (String name : known) {
      int distance = distance(plain, name);
      if (distance < least) {
        least = distance;
        best = name;
      }
    }
    return best != null ? Optional.of(best) : completion(plain, known);
  }

  /** Those near what was written, the nearest first; what it is the beginning of counts as near. */
  public static List<String> allNear(String written, Collection<String> known) {
    if (written.isEmpty() || written.length() > LONGEST) {
      return List.of();
    }
    String plain = written.toLowerCase(Locale.ROOT).replace('_', '-');
    int least = Math.clamp(plain.length() / 3, 1, 3);
    return known.stream()
        .filter(
            name ->
                distance(plain, name) <= least
                    || (plain.length() >= SHORTEST_PREFIX && name.startsWith(plain)))
        .sorted(
            Comparator.<String>comparingInt(name -> distance(plain, name))
                .thenComparing(Comparator.naturalOrder()))
        .limit(MOST)
        .toList();
  }

  private static Optional<String> completion(String plain, Collection<String> known) {
    if (plain.length() < SHORTEST_PREFIX) {
      return Optional.empty();
    }
    var longer = known.stream().filter(name -> name.startsWith(plain)).toList();
    return longer.size() == 1 ? Optional.of(longer.getFirst()) : Optional.empty();
  }

  /** Insertions, deletions, replacements and swaps of neighbours that make one into the other. */
  static int distance(String from, String to) {
    int[][] cost = new int[from.length() + 1][to.length() + 1];
    for (int i = 0; i <= from.length(); i++) {
      for (int j = 0; j <= to.length(); j++) {
        if (i == 0 || j == 0) {
          cost[i][j] = i + j;
          continue;
        }
        boolean same = from.charAt(i - 1) == to.charAt(j - 1);
        int replaced = cost[i - 1][j - 1] + (same ? 0 : 1);
        cost[i][j] = Math.min(replaced, Math.min(cost[i - 1][j], cost[i][j - 1]) + 1);
        boolean swapped =
            i > 1
                && j > 1
                && from.charAt(i - 1) == to.charAt(j - 2)
                && from.charAt(i - 2) == to.charAt(j - 1);
        if (swapped) {
          cost[i][j] = Math.min(cost[i][j], cost[i - 2][j - 2] + 1);
        }
      }
    }
    return cost[from.length()][to.length()];
  }
}
