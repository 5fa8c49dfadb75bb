package dev.vmctl.model;

import java.util.Locale;
import java.util.stream.Collectors;
import java.util.stream.Stream;
import org.jspecify.annotations.Nullable;

/**
 * Who applies a change, by how hard it hits: a null component was not declared, and the daemon's
 * own setting holds.
 *
 * @param live for changes on the running guest
 * @param restart for those that stop and start it
 * @param replace for those that give it a new disk
 */
public record ApplyPolicy(@Nullable Mode live, @Nullable Mode restart, @Nullable Mode replace) {
  /** Who applies a change. */
  public enum Mode implements Worded {
    /** The loop does, as soon as it may. */
    AUTO,
    /** It is shown as out of sync until somebody asks for it. */
    MANUAL;

    @Override
    public String text() {
      return name().toLowerCase(Locale.ROOT);
    }
  }

  /** The same for every class of change. */
  public static ApplyPolicy all(Mode mode) {
    return new ApplyPolicy(mode, mode, mode);
  }

  /** The same, with what it does not say as the other says it. */
  public ApplyPolicy or(ApplyPolicy other) {
    return new ApplyPolicy(
        live == null ? other.live : live,
        restart == null ? other.restart : restart,
        replace == null ? other.replace : replace);
  }

  /** Short form for tables and plans. */
  public String text() {
    if (live != null && live == restart && live == replace) {
      return live.text();
    }
    return Stream.of(part("live", live), part("restart", restart), part("replace", replace))
        .filter(part -> !part.isEmpty())
        .collect(Collectors.joining(" "));
  }

  private static String part(String name, @Nullable Mode mode) {
    return mode == null ? "" : name + "=" + mode.text();
  }
}
