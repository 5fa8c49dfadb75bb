package dev.vmctl.model;

import java.time.Instant;
import java.util.Objects;

/**
 * One aspect of a VM's state, as Kubernetes has it.
 *
 * @param reason one CamelCase word for programs
 * @param message a sentence for people; may be empty
 * @param observedGeneration the declared generation this was judged against
 * @param lastTransitionTime when {@code status} last changed
 */
public record Condition(
    Type type,
    Status status,
    String reason,
    String message,
    long observedGeneration,
    Instant lastTransitionTime) {

  /** The aspects. */
  public enum Type implements Worded {
    READY("Ready"),
    RECONCILING("Reconciling"),
    STALLED("Stalled"),
    PROVISIONED("Provisioned"),
    /** There while a declared change waits for somebody to ask for it; absent otherwise. */
    OUT_OF_SYNC("OutOfSync"),
    /** There while a VM runs whose process others have started; absent otherwise. */
    ADOPTED("Adopted");

    private final String text;

    Type(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }
  }

  /** Whether the aspect holds. */
  public enum Status implements Worded {
    TRUE("True"),
    FALSE("False"),
    UNKNOWN("Unknown");

    private final String text;

    Status(String text) {
      this.text = text;
    }

    @Override
    public String text() {
      return text;
    }
  }

  public Condition {
    Objects.requireNonNull(type);
    Objects.requireNonNull(status);
    Objects.requireNonNull(reason);
    Objects.requireNonNull(message);
    Objects.requireNonNull(lastTransitionTime);
  }

  /**
   * This judgement, as the successor of {@code earlier}: the transition time moves only when the
   * status changed.
   */
  public Condition after(Condition earlier) {
    return earlier.status == status
        ? new Condition(
            type, status, reason, message, observedGeneration, earlier.lastTransitionTime)
        : this;
  }
}
