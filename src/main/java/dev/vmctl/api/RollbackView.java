package dev.vmctl.api;

import java.util.List;
import org.jspecify.annotations.Nullable;

/**
 * What a rollback comes to; the component names are the stable JSON fields of {@code rollback}.
 *
 * @param to the generation whose declaration is in force again
 * @param generation the generation that this is
 * @param pinned whether that is another declaration than the VMFile's
 * @param disk id of the disk that comes back out of the trash; null when none does
 * @param notes what is not as it was then, for people
 */
public record RollbackView(
    String vm,
    long to,
    long generation,
    boolean pinned,
    @Nullable String disk,
    List<String> notes) {
  public RollbackView {
    notes = List.copyOf(notes);
  }
}
