package dev.vmctl.model;

import java.util.Optional;
import java.util.regex.Pattern;

/** The form of labels, which is that of Kubernetes, so that what people know of those holds. */
public final class Labels {
  /** Longest name and longest value, in characters. */
  public static final int LONGEST = 63;

  private static final int LONGEST_PREFIX = 253;
  private static final Pattern WORD = Pattern.compile("[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?");
  private static final Pattern DOMAIN =
      Pattern.compile("[a-z0-9]([a-z0-9-]*[a-z0-9])?(\\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*");

  private Labels() {}

  /** Why a text is no key; empty if it is one. */
  public static Optional<String> keyProblem(String key) {
    int slash = key.indexOf('/');
    String prefix = key.substring(0, Math.max(slash, 0));
    if (slash >= 0 && (prefix.length() > LONGEST_PREFIX || !DOMAIN.matcher(prefix).matches())) {
      return Optional.of("what stands before its '/' is not a domain");
    }
    return wordProblem(key.substring(slash + 1));
  }

  /** Why a text is no value; empty if it is one. */
  public static Optional<String> valueProblem(String value) {
    return value.isEmpty() ? Optional.empty() : wordProblem(value);
  }

  private static Optional<String> wordProblem(String word) {
    if (word.length() > LONGEST) {
      return Optional.of("it has " + word.length() + " characters, " + LONGEST + " are allowed");
    }
    return WORD.matcher(word).matches()
        ? Optional.empty()
        : Optional.of(
            "it may have letters, digits, dots, hyphens and underscores, a letter or digit at both ends");
  }
}
