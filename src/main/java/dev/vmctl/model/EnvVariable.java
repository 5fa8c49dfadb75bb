package dev.vmctl.model;

import java.nio.file.Path;
import java.util.Objects;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;

/**
 * A variable in the environment of provision steps. Its value is never shown: not in plans, events
 * or logs, nor on a command line.
 *
 * @param name as a shell allows it
 * @param value null when it is in a file
 * @param file file of the host whose content is the value, without a line break at its end; read
 *     when the steps run
 */
public record EnvVariable(String name, @Nullable String value, @Nullable Path file) {
  private static final Pattern NAME = Pattern.compile("[A-Za-z_][A-Za-z0-9_]*");

  public EnvVariable {
    Objects.requireNonNull(name);
    if (!isName(name)) {
      throw new IllegalArgumentException("not a name of a variable: " + name);
    }
    if ((value == null) == (file == null)) {
      throw new IllegalArgumentException("a value or a file for " + name);
    }
  }

  public static boolean isName(String text) {
    return NAME.matcher(text).matches();
  }

  /** Short form for plans, without the value. */
  public String text() {
    return file == null ? name : name + " from " + file;
  }

  @Override
  public String toString() {
    return text();
  }
}
