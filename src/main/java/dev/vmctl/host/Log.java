package dev.vmctl.host;

import java.util.ResourceBundle;
import org.jspecify.annotations.Nullable;

/**
 * Loggers for processes that hardly ever say anything: looked for when there is something to say.
 * The first that is looked for has the JVM open every jar of the class path, which most commands
 * end without.
 */
public final class Log implements System.Logger {
  private static volatile Level threshold = Level.ALL;

  private final String name;
  private volatile System.@Nullable Logger logger;

  private Log(String name) {
    this.name = name;
  }

  /** The logger of a class; the usual one, unless {@link #onlyFrom} was called before. */
  public static System.Logger of(Class<?> speaker) {
    // Not always late: a log manager may want to be there before anybody else logs, as JNA does.
    return threshold == Level.ALL
        ? System.getLogger(speaker.getName())
        : new Log(speaker.getName());
  }

  /**
   * From now on only what is as grave as this is said, by those of our classes that are loaded
   * after this.
   */
  public static void onlyFrom(Level level) {
    threshold = level;
  }

  private System.Logger logger() {
    System.Logger found = logger;
    if (found == null) {
      found = System.getLogger(name);
      logger = found;
    }
    return found;
  }

  @Override
  public String getName() {
    return name;
  }

  @Override
  public boolean isLoggable(Level level) {
    return level.getSeverity() >= threshold.getSeverity() && logger().isLoggable(level);
  }

  @Override
  public void log(
      Level level,
      @Nullable ResourceBundle bundle,
      @Nullable String message,
      @Nullable Throwable thrown) {
    if (isLoggable(level)) {
      logger().log(level, bundle, message, thrown);
    }
  }

  @Override
  public void log(
      Level level,
      @Nullable ResourceBundle bundle,
      @Nullable String format,
      @Nullable Object @Nullable ... values) {
    if (isLoggable(level)) {
      logger().log(level, bundle, format, values);
    }
  }
}
