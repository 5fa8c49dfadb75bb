package dev.vmctl.model;

import java.time.Instant;
import java.util.Objects;
import org.jspecify.annotations.Nullable;

/**
 * Something that happened, for people and for programs.
 *
 * @param time when it last happened
 * @param reason one CamelCase word, stable
 * @param vm the VM it is about; null for the host or a source
 * @param count how many times in a row
 */
public record VmEvent(
    Instant time, Type type, String reason, @Nullable VmName vm, String message, int count) {
  /** Whether somebody should look. */
  public enum Type implements Worded {
    NORMAL("Normal"),
    WARNING("Warning");

    private final String text;

    Type(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }
  }

  public VmEvent {
    Objects.requireNonNull(time);
    Objects.requireNonNull(type);
    Objects.requireNonNull(reason);
    Objects.requireNonNull(message);
    if (count < 1) {
      throw new IllegalArgumentException("count " + count);
    }
  }
}
