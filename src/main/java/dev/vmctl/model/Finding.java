package dev.vmctl.model;

import java.util.List;
import java.util.Objects;

/**
 * What {@code vmctl doctor} found out about one thing.
 *
 * @param check what was looked at, one word or two
 * @param help what to do about it; empty when all is well
 */
public record Finding(String check, Result result, String message, String help) {
  /** How it is. */
  public enum Result implements Worded {
    /** As it should be. */
    OK("ok"),
    /** Something will not work, or not as well as it could. */
    WARN("warn"),
    /** vmctl cannot work like this. */
    FAIL("fail");

    private final String text;

    Result(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }
  }

  public Finding {
    Objects.requireNonNull(check);
    Objects.requireNonNull(result);
    Objects.requireNonNull(message);
    if (help.isEmpty() != (result == Result.OK)) {
      throw new IllegalArgumentException(
          "help for what is well, or none for what is not: " + check);
    }
  }

  public static Finding ok(String check, String message) {
    return new Finding(check, Result.OK, message, "");
  }

  public static Finding warn(String check, String message, String help) {
    return new Finding(check, Result.WARN, message, help);
  }

  /**
   * What there is of something by name, or what it means that there is nothing.
   *
   * @param without what does not work then
   */
  public static Finding of(String check, List<String> names, String without, String help) {
    return names.isEmpty()
        ? warn(check, "there is none: " + without, help)
        : ok(check, String.join(", ", names));
  }

  /** The same of something that can be done without. */
  public Finding dispensable() {
    return result == Result.FAIL ? warn(check, message, help) : this;
  }

  public static Finding fail(String check, String message, String help) {
    return new Finding(check, Result.FAIL, message, help);
  }
}
