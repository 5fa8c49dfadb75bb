package dev.vmctl.cli;

import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import picocli.CommandLine.TypeConversionException;

/**
 * Which labels a VM must have, as kubectl's {@code -l} has it: {@code key=value}, {@code
 * key!=value}, {@code key}, {@code !key}, several of them separated by commas.
 */
record LabelSelector(String text, List<Need> needs) {
  private static final Pattern NEED =
      Pattern.compile("(?<not>!)?(?<key>[^!=,\\s]+)(?:(?<operator>==?|!=)(?<value>[^!=,\\s]*))?");

  /**
   * One label.
   *
   * @param value that it must have, or must not have; empty for any
   * @param wanted whether it must or must not
   */
  record Need(String key, Optional<String> value, boolean wanted) {
    boolean isMetBy(Map<String, String> labels) {
      String actual = labels.get(key);
      return wanted == (actual != null && value.map(actual::equals).orElse(true));
    }
  }

  LabelSelector {
    needs = List.copyOf(needs);
  }

  /**
   * @throws TypeConversionException when it is not of that form
   */
  static LabelSelector parse(String text) {
    return new LabelSelector(
        text, Pattern.compile(",").splitAsStream(text).map(each -> need(text, each)).toList());
  }

  private static Need need(String text, String part) {
    Matcher matcher = NEED.matcher(part.strip());
    boolean compares = matcher.matches() && matcher.group("operator") != null;
    if (!matcher.matches() || (compares && matcher.group("not") != null)) {
      throw new TypeConversionException(
          "'"
              + text
              + "' selects no labels: write key=value, key!=value, key or !key, with commas");
    }
    boolean wanted =
        compares ? !matcher.group("operator").equals("!=") : matcher.group("not") == null;
    return new Need(matcher.group("key"), Optional.ofNullable(matcher.group("value")), wanted);
  }

  boolean matches(Map<String, String> labels) {
    return needs.stream().allMatch(need -> need.isMetBy(labels));
  }
}
